"""Reading what is missing of all rooms unasked: a page of each in turn, and never in a hurry."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol

from gateway.archive import Gaps
from gateway.archive.gap import Gap
from gateway.errors import DatabaseError

if TYPE_CHECKING:
    from gateway.group.host import Limits
    from gateway.group.live import LiveRoom

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Pages that are read beside each other, of different rooms."""
OPENED_AT_ONCE = 200
"""Rooms of which it is written down at a time that something is missing."""
LONGEST_SECONDS = 10.0
"""For how long nothing is read while users log in, all at once, since the gateway starts."""
BURST_SECONDS = 5.0
"""How much of the budget may be saved up; half of it is left to those who ask."""


class Fillable(Protocol):
    """A user's handle on a room."""

    live: LiveRoom

    @property
    def reads_history(self) -> bool: ...

    @property
    def user_id(self) -> str: ...

    @property
    def has_past_to_read(self) -> bool: ...

    async def fill_some(self, gap: Gap | None = None, *, asked: bool) -> bool: ...


class Budget:
    """How many pages the network is asked for."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._since = clock()
        self._left = float("inf")  # as much as there may be

    async def take(self, *, asked: bool) -> None:
        """Return when a page may be read. Those who ask for it go first."""
        while True:
            rate = self._limits.backfill_pages / 60
            if not rate:
                return
            most = max(2.0, rate * BURST_SECONDS)
            now = self._clock()
            self._left = min(most, self._left + (now - self._since) * rate)
            self._since = now
            needed = 1.0 if asked else 1.0 + most / 2
            if self._left >= needed:
                self._left -= 1
                return
            await asyncio.sleep(max(0.01, (needed - self._left) / rate))


class Filler:
    """The rooms that wait for their past, in a line for each user. Users take turns, and so do the
    rooms of each."""

    def __init__(self, gaps: Gaps, limits: Limits) -> None:
        self._gaps = gaps
        self.budget = Budget(limits)
        self._lines: dict[str, deque[Fillable]] = {}
        self._waiting: set[tuple[str, int]] = set()
        self._news = asyncio.Event()
        self._free = asyncio.Event()
        self._free.set()

    def add(self, muc: Fillable) -> None:
        """Have a room's past read, if anything of it is missing."""
        key = (muc.user_id, muc.live.id)
        if key not in self._waiting and muc.has_past_to_read:
            self._waiting.add(key)
            self._lines.setdefault(muc.user_id, deque()).append(muc)
            self._news.set()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Begin nothing meanwhile, or for `LONGEST_SECONDS` if that takes longer."""
        self._free.clear()
        timer = asyncio.get_running_loop().call_later(LONGEST_SECONDS, self._free.set)
        try:
            yield
        finally:
            timer.cancel()
            self._free.set()

    async def run(self) -> None:
        """For ever: read what is missing."""
        await asyncio.gather(*(self._work() for _ in range(AT_ONCE)))

    async def _work(self) -> None:
        while True:
            muc = await self._next()
            try:
                await self._gaps.idle()
                if not muc.live.whole:
                    self._open(muc)
                more = await muc.fill_some(asked=False)
            except DatabaseError as no:
                log.warning("the past of %s waits: %s", muc.live.room.jid, no)
                more = False
            except Exception:
                log.exception("the past of %s could not be filled", muc.live.room.jid)
                more = False
            self._waiting.discard((muc.user_id, muc.live.id))
            if more:
                self.add(muc)
            await asyncio.sleep(0)

    def _open(self, muc: Fillable) -> None:
        """Have it written down that something is missing of a room, and in the same transaction of
        those whose turn comes soon."""
        if muc.live.is_opened:
            return
        soon = chain((muc,), *self._lines.values())
        unread = (each for each in soon if not (each.live.history_known or each.live.is_opened))
        for each in islice(unread, OPENED_AT_ONCE):
            each.live.missing()

    async def _next(self) -> Fillable:
        """The next room of the user whose turn it is."""
        await self._free.wait()
        while not self._lines:
            self._news.clear()
            await self._news.wait()
            await self._free.wait()
        user = next(iter(self._lines))
        line = self._lines.pop(user)
        muc = line.popleft()
        if line:
            self._lines[user] = line
        return muc
