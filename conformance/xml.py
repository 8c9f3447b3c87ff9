"""Stanzas as tests write them: no namespace where it is the stream's, `{room}` for what varies."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

CLIENT = "jabber:client"

PREFIXES = {
    "c": CLIENT,
    "muc": "http://jabber.org/protocol/muc",
    "user": "http://jabber.org/protocol/muc#user",
    "admin": "http://jabber.org/protocol/muc#admin",
    "owner": "http://jabber.org/protocol/muc#owner",
    "info": "http://jabber.org/protocol/disco#info",
    "items": "http://jabber.org/protocol/disco#items",
    "data": "jabber:x:data",
    "mam": "urn:xmpp:mam:2",
    "fwd": "urn:xmpp:forward:0",
    "rsm": "http://jabber.org/protocol/rsm",
    "delay": "urn:xmpp:delay",
    "sid": "urn:xmpp:sid:0",
    "occ": "urn:xmpp:occupant-id:0",
    "stanzas": "urn:ietf:params:xml:ns:xmpp-stanzas",
    "avatar": "vcard-temp:x:update",
}
"""What the prefixes in the XPaths of tests mean."""


def parse(text: str, names: Mapping[str, object] | None = None) -> ET.Element:
    """A stanza from its text, in jabber:client unless it says otherwise.

    `{name}` stands for names[name], escaped; other braces stand for themselves.
    """
    for name, value in (names or {}).items():
        text = text.replace("{" + name + "}", escape(str(value), {"'": "&apos;", '"': "&quot;"}))
    stream = ET.fromstring(f"<stream xmlns='{CLIENT}'>{text.strip()}</stream>")
    if len(stream) != 1:
        raise ValueError(f"one stanza is wanted, not {len(stream)}: {text}")
    return stream[0]


def show(stanza: ET.Element) -> str:
    """A stanza as text that a person can read."""
    # A copy, since indenting writes into the tree.
    copy = ET.fromstring(ET.tostring(stanza))
    for prefix, name in PREFIXES.items():
        ET.register_namespace("" if prefix == "c" else prefix, name)
    ET.indent(copy)
    return ET.tostring(copy, encoding="unicode")


def matches(wanted: ET.Element, found: ET.Element) -> bool:
    """Whether `found` holds all that is written in `wanted`; what else it holds is free.

    Elements of `wanted` in jabber:client, which is where those without a namespace are, match
    ones of the same name in any namespace. Each child needs a child of its own.
    """
    if not _same_name(wanted.tag, found.tag):
        return False
    if any(found.get(name) != value for name, value in wanted.attrib.items()):
        return False
    text = (wanted.text or "").strip()
    if text and text != (found.text or "").strip():
        return False
    left = list(found)
    for child in wanted:
        here = next((other for other in left if matches(child, other)), None)
        if here is None:
            return False
        left.remove(here)
    return True


def _same_name(wanted: str, found: str) -> bool:
    if wanted == found:
        return True
    namespace, _, name = wanted[1:].rpartition("}")
    return namespace == CLIENT and found.rpartition("}")[2] == name


def condition_of(stanza: ET.Element) -> str | None:
    """The error condition that a stanza carries, None if it is no error."""
    if stanza.get("type") != "error":
        return None
    error = stanza.find("c:error", PREFIXES)
    if error is None:
        return "undefined-condition"
    names = [child.tag for child in error if child.tag.startswith("{" + PREFIXES["stanzas"])]
    return next((n.rpartition("}")[2] for n in names if not n.endswith("}text")), None)
