"""What is on its way to the server: one ordered queue of bytes, held while the server is away.

Rooms write ready stanzas here instead of into slixmpp's own queue, which filters and serialises
each stanza again. What was written in one turn of the event loop goes out in one system call.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger(__name__)

HIGH_WATER = 1 << 20
"""Bytes under way at which those who can wait are asked to."""


KINDS = {b"m": "message", b"p": "presence", b"i": "iq"}
"""Kinds of stanzas by the first letter of their names."""


class Transport(Protocol):
    def write(self, data: bytes) -> None: ...
    def get_write_buffer_size(self) -> int: ...


class Outbox:
    """The way out. `limit` is how many bytes it holds at most while nothing can go out.

    Beyond that all of it is let go, and what is written from then on, too; `on_overflow` runs when
    the server takes something again: those who missed something have to be told so, since a
    stream with holes is worse than none.
    """

    def __init__(self, limit: int, on_overflow: Callable[[], None]) -> None:
        self._limit = limit
        self._on_overflow = on_overflow
        self._transport: Transport | None = None
        self._paused = False
        self._held: list[bytes] = []
        self._size = 0
        self._scheduled = False
        self._overflowed = False
        self._room = asyncio.Event()
        self._room.set()
        self._sent: Counter[bytes] = Counter()
        self.slowed_seconds = 0.0
        """How long `room` has made others wait, all waits together."""
        self.meter: Callable[[bytes, int], None] | None = None
        """Told of all that is written: the bytes, and how many stanzas they are."""

    @property
    def size(self) -> int:
        """Bytes that have not been handed to the stream."""
        return self._size

    @property
    def sent(self) -> dict[str, int]:
        """How many stanzas were written, by kind."""
        return {name: self._sent[letter] for letter, name in KINDS.items()}

    def write(self, data: bytes, stanzas: int = 1) -> None:
        """Send whole stanzas of one kind, after all that was written before. Never blocks."""
        if self._overflowed:
            return
        self._sent[data[1:2]] += stanzas
        if self.meter is not None:
            self.meter(data, stanzas)
        self._held.append(data)
        self._size += len(data)
        if self._size > HIGH_WATER:
            self._room.clear()
        if self._size > self._limit and not self._flowing:
            self._overflow()
        if self._flowing and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    async def room(self) -> None:
        """Return when there is not too much under way: for those who can be slowed."""
        if self._transport is None or self._room.is_set():
            return  # an absent server is bridged by holding, not by waiting
        since = time.monotonic()
        try:
            await self._room.wait()
        finally:
            self.slowed_seconds += time.monotonic() - since

    @property
    def connected_now(self) -> bool:
        """Whether the stream is up."""
        return self._transport is not None

    @property
    def free(self) -> bool:
        """Whether what is written now goes out at once: what can wait should do so otherwise."""
        return self._flowing and self._room.is_set()

    @property
    def _flowing(self) -> bool:
        return self._transport is not None and not self._paused

    def connected(self, transport: Transport) -> None:
        """The stream is up and accepts stanzas: send what was held."""
        self._transport = transport
        self.resume()

    def disconnected(self) -> None:
        """The stream is gone: hold what comes."""
        self._transport = None
        self._room.set()

    def pause(self) -> None:
        """The stream takes no more for now (asyncio's flow control)."""
        self._paused = True
        self._room.clear()

    def resume(self) -> None:
        """The stream takes more again."""
        self._paused = False
        if self._overflowed and self._flowing:
            self._overflowed = False
            self._on_overflow()
        self._flush()

    def _flush(self) -> None:
        self._scheduled = False
        if not self._flowing:
            return
        assert self._transport is not None
        held, self._held, self._size = self._held, [], 0
        if held:
            self._transport.write(held[0] if len(held) == 1 else b"".join(held))
        if not self._paused:
            self._room.set()

    def _overflow(self) -> None:
        log.warning("let go of %d bytes that the server did not take", self._size)
        self._held.clear()
        self._size = 0
        self._overflowed = True
