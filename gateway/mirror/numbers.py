"""Numbers of what crosses the link, by which either end notices that something was lost.

Each end counts what it tells the other of one room. Streams between servers keep their order, so
that a number other than the next one means a hole, which asking for the difference fills.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from gateway.mirror.names import OWN

NUMBER = f"{{{OWN}}}n"


def _anywhere() -> int:
    """A number to begin with that is hardly the next one of any count before."""
    return secrets.randbelow(900_000) + 100_000


@dataclass(slots=True)
class Count:
    """What a master and one mirror have told each other of a room. `since` names the time for
    which the mirror has had users here; another one means that they were forgotten in between."""

    since: str = field(default_factory=lambda: secrets.token_hex(4))
    sent: int = field(default_factory=_anywhere)
    heard: int | None = None
    """None until anything with a number has come."""

    def next(self) -> int:
        self.sent += 1
        return self.sent

    def misses(self, number: int) -> bool:
        """Take note of the number of what has come; whether something before it has not."""
        return self.lacks(number - 1, number)

    def lacks(self, number: int, heard: int | None = None) -> bool:
        """Take note of the last number that the other end has used; whether something up to that
        has not come."""
        before, self.heard = self.heard, number if heard is None else heard
        return before is not None and before != number


def numbered(stanza: bytes, number: int) -> bytes:
    """A message or presence with its number, which is its last child."""
    end = stanza.rindex(b"</")
    return stanza[:end] + f'<n xmlns="{OWN}">{number}</n>'.encode() + stanza[end:]


def number_in(text: str | None) -> int | None:
    """A number as it is written, None for what is none."""
    return int(text) if text is not None and text.isdecimal() and len(text) < 16 else None


def taken_out(stanza: ET.Element) -> int | None:
    """The number of a stanza, which is no part of what is told: of a message or a presence its
    child, of an IQ an attribute of the payload."""
    if stanza.tag.endswith("}iq"):
        return number_in(stanza[0].get("n")) if len(stanza) else None
    found = stanza.find(NUMBER)
    if found is None:
        return None
    stanza.remove(found)
    return number_in(found.text)
