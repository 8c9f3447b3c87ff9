"""Writing XML by hand, where a stanza goes out a thousand times: escaping, and splicing `to`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from xml.etree import ElementTree as ET

COMPONENT_NS = "jabber:component:accept"
XML_NS = "http://www.w3.org/XML/1998/namespace"

LONGEST_TEXT = 65_536
"""Characters. However many bytes they take when escaped, the stanza stays below the 512 KiB at
which Prosody ends a component's stream (COMP-08)."""

SHORT_TEXT = 2000
"""Characters of a reason or a status."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def clean(text: str) -> str:
    """`text` with what XML 1.0 (§2.2) forbids replaced by U+FFFD."""
    return _FORBIDDEN.sub("\ufffd", text)


def bearable(text: str, most: int = LONGEST_TEXT) -> str:
    """`text` of the network's as a stanza can hold it: clean, and cut to so many characters."""
    if len(text) > most:
        text = f"{text[: most - 4]} […]"
    return clean(text)


def reason(text: str) -> str:
    """The element that says why something was done, nothing for no reason."""
    return f"<reason>{content(bearable(text, SHORT_TEXT))}</reason>" if text else ""


def content(text: str) -> str:
    """`text` as character data."""
    if not text.isprintable():
        text = clean(text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attribute(text: str) -> str:
    """`text` as the value of an attribute in double quotes; those are not included."""
    escaped = content(text).replace('"', "&quot;")
    if "\n" in escaped or "\t" in escaped or "\r" in escaped:
        escaped = escaped.replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;")
    return escaped


def stamp(when: datetime) -> str:
    """A time as XEP-0082 writes it: UTC, to the millisecond."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def delay(room_jid: str, when: datetime) -> str:
    """The element that says when a message was sent, and that the room says so (XEP-0203)."""
    return f'<delay xmlns="urn:xmpp:delay" from="{attribute(room_jid)}" stamp="{stamp(when)}"/>'


def serialised(element: ET.Element) -> str:
    """An element of the component's stream as text, its own namespace left to the stream.

    COMPAT: slixmpp 1.17's own serialiser looks at each character in Python and takes five times
    as long.
    """
    parts: list[str] = []
    _write(element, COMPONENT_NS, parts)
    return "".join(parts)


def _write(element: ET.Element, around: str, parts: list[str]) -> None:
    """Append an element that stands in the namespace `around`."""
    namespace, bracket, name = element.tag.rpartition("}")
    namespace = namespace[1:]
    if namespace == XML_NS:  # which no other prefix may be bound to, and no default be
        name, namespace = f"xml:{name}", around
    parts.append(f"<{name}")
    if namespace != around and bracket:
        parts.append(f' xmlns="{attribute(namespace)}"')
    else:
        namespace = around
    for number, (key, value) in enumerate(element.items()):
        parts.append(_attribute(key, value, f"a{number}"))
    if element.text or len(element):
        parts.append(">")
        if element.text:
            parts.append(content(element.text))
        for child in element:
            _write(child, namespace, parts)
            if child.tail:
                parts.append(content(child.tail))
        parts.append(f"</{name}>")
    else:
        parts.append("/>")


def _attribute(key: str, value: str, prefix: str) -> str:
    if key[0] != "{":
        return f' {key}="{attribute(value)}"'
    namespace, _, name = key[1:].partition("}")
    if namespace == XML_NS:
        return f' xml:{name}="{attribute(value)}"'
    return f' xmlns:{prefix}="{attribute(namespace)}" {prefix}:{name}="{attribute(value)}"'


@cache
def _head(beginning: str) -> bytes:
    """The same for all stanzas of a kind, of which ten thousand may be kept."""
    return f'{beginning} to="'.encode()


@dataclass(frozen=True, slots=True)
class Splice:
    """A stanza without its `to`, which is put in for each recipient."""

    head: bytes
    tail: bytes

    @classmethod
    def of(cls, stanza: str, before_end: str = "") -> Splice:
        """Cut a serialised stanza behind its name; `before_end` becomes its last child."""
        at = stanza.index(" ")
        if before_end:
            end = stanza.rindex("</") if not stanza.endswith("/>") else -1
            if end < 0:
                name = stanza[1:at]
                stanza = f"{stanza[:-2]}>{before_end}</{name}>"
            else:
                stanza = stanza[:end] + before_end + stanza[end:]
        return cls(_head(stanza[:at]), f'"{stanza[at:]}'.encode())

    def to(self, jid: str) -> bytes:
        """The bytes for one recipient."""
        return self.head + attribute(jid).encode() + self.tail
