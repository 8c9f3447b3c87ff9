"""What a stanza has to be like before anybody looks into it (RFC 6120 §8.2.3, §8.3.3.12).

A server checks little of this. Elements in elements without end would exhaust the stack of whoever
walks through them, and what is escaped again on the way out can be several times as long as it was
on the way in: Prosody ends a component's stream at a stanza of more than 512 KiB (COMP-08).
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.muc.call import NS

DEEPEST = 100
"""Elements in each other."""

MOST_BYTES = 240 * 1024
"""Of what a room may have to repeat, written out, with room for what it is wrapped in."""


ONLY = {
    "{http://jabber.org/protocol/disco#info}query": "get",
    "{http://jabber.org/protocol/disco#items}query": "get",
    "{http://jabber.org/protocol/commands}command": "set",
    "{jabber:iq:last}query": "get",
    "{jabber:iq:version}query": "get",
    "{urn:xmpp:ping}ping": "get",
    "{urn:xmpp:time}time": "get",
}
"""Payloads that come in IQs of one type. COMPAT: slixmpp 1.17 does not answer the other."""

ERRORS = (f"{NS}error", "{jabber:client}error")
"""What says that a stanza is an error, however it is typed. COMPAT: slixmpp 1.17 takes the one of
clients' streams for one, too, and then answers nothing."""


def misshapen(stanza: ET.Element) -> Refused | None:
    """Why a stanza cannot be dealt with; None if it can."""
    name = stanza.tag.partition("}")[2]
    if name == "iq" and (no := _no_iq(stanza)) is not None:
        return no
    if name == "message" and stanza.get("type") == "groupchat" and "@" not in stanza.get("to", ""):
        return Refused("service-unavailable", "Messages of type groupchat go to a room.")
    return too_much(stanza)


def too_much(stanza: ET.Element) -> Refused | None:
    """Why there is too much in a stanza; None if there is not."""
    length, layer = 0, [stanza]
    for _ in range(DEEPEST):
        length += sum(map(_length, layer))
        layer = [child for element in layer for child in element]
        if not layer:
            break
    else:
        return Refused("policy-violation", "There is too much in each other.")
    if not stanza.tag.endswith("}iq") and length > MOST_BYTES:
        return Refused("policy-violation", "This is longer than a room can pass on.")
    return None


def _no_iq(stanza: ET.Element) -> Refused | None:
    type_ = stanza.get("type")
    if type_ not in ("get", "set", "result", "error") or not stanza.get("id"):
        return Refused("bad-request", "An IQ has an id, and gets or sets.")
    if type_ in ("result", "error"):
        return None
    if len(stanza) != 1 or stanza[0].tag in ERRORS:
        return Refused("bad-request", "An IQ of this type has one payload.")
    if ONLY.get(stanza[0].tag, type_) != type_:
        return Refused("bad-request", "What this IQ has is not for this type.")
    return None


def _length(element: ET.Element) -> int:
    """Bytes that an element takes, without its children."""
    length = 2 * len(element.tag) + 5
    if element.text:
        length += _written(element.text)
    if element.tail:
        length += _written(element.tail)
    for name, value in element.items():
        length += len(name) + 4 + _written(value)
    return length


def _written(text: str) -> int:
    """Bytes of a text, escaped."""
    if len(text) < 1000:
        return 6 * len(text)
    escaped = sum(text.count(character) for character in '<>&"\n\t\r')
    return len(text.encode("utf-8", "replace")) + 5 * escaped
