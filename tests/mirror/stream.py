"""A relay that knows the stanzas of what it passes, and can lose some."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from xml.etree import ElementTree as ET
from xml.parsers import expat

from tests.mirror.servers import MASTER, MIRROR, Relay

STREAM = b"<s xmlns='jabber:server'>%s</s>"
STANZA = re.compile(rb"<(message|presence|iq)[ />]")


class Stanzas:
    """Cuts one way of a stream into stanzas; `passes` says which of them get through."""

    def __init__(self, passes: Callable[[bytes], bool]) -> None:
        self._passes = passes
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._begins
        self._parser.EndElementHandler = self._ends
        self._depth = 0
        self._kept = bytearray()
        self._dropped = 0
        """Bytes of the stream before those that are kept."""
        self._open = 0
        self._whole: list[tuple[int, int]] = []

    def _begins(self, *_: object) -> None:
        self._depth += 1
        if self._depth == 2:
            self._open = self._parser.CurrentByteIndex - self._dropped

    def _ends(self, *_: object) -> None:
        self._depth -= 1
        if self._depth == 1:
            end = self._parser.CurrentByteIndex - self._dropped  # of what has no end tag
            if self._kept.startswith(b"</", end):
                end = self._kept.index(b">", end) + 1
            self._whole.append((self._open, end))

    def feed(self, data: bytes) -> bytes:
        """What gets through of this and of what was kept: never a part of a stanza or a tag."""
        self._kept += data
        self._parser.Parse(data)
        through, done = bytearray(), 0
        for start, end in self._whole:
            through += self._kept[done:start]
            if self._passes(bytes(self._kept[start:end])):
                through += self._kept[start:end]
            done = end
        self._whole.clear()
        rest = self._open if self._depth > 1 else self._kept.rfind(b">") + 1
        through += self._kept[done:rest]
        del self._kept[:rest]
        self._dropped += rest
        self._open = 0
        return bytes(through)


class Watched(Relay):
    """Keeps what passes between the two gateways, of which `loses` takes some away without a
    word."""

    loses: Callable[[ET.Element], bool]
    seconds = 0.0
    """How long everything takes to the other end."""

    def __init__(self, to: int) -> None:
        super().__init__(to)
        self.crossed: list[ET.Element] = []
        self.loses = lambda _: False

    def through(self) -> Callable[[bytes], bytes]:
        return Stanzas(self._let).feed

    async def waited(self) -> None:
        await asyncio.sleep(self.seconds)

    def _let(self, data: bytes) -> bool:
        if not STANZA.match(data):
            return True
        (stanza,) = ET.fromstring(STREAM % data)
        addresses = (stanza.get(name, "").partition("/")[0] for name in ("from", "to"))
        if {address.rpartition("@")[2] for address in addresses} != {MASTER, MIRROR}:
            return True
        if self.loses(stanza):
            return False
        self.crossed.append(stanza)
        return True
