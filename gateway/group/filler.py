"""Reading what is missing of all rooms unasked: a page of each in turn, and never in a hurry."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
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
BURST_SECONDS = 5.0
"""How much of the budget may be saved up; half of it is left to those who ask."""


class Fillable(Protocol):
    """A user's handle on a room."""

    live: LiveRoom

    @property
    def reads_history(self) -> bool: ...

    @property
    def user_id(self) -> str: ...

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

    def add(self, muc: Fillable) -> None:
        """Have a room's past read, if anything of it is missing."""
        key = (muc.user_id, muc.live.id)
        if key not in self._waiting and not muc.live.whole:
            self._waiting.add(key)
            self._lines.setdefault(muc.user_id, deque()).append(muc)
            self._news.set()

    async def add_all(self, mucs: Iterable[Fillable]) -> None:
        """As `add`, for many: that something is missing is written down first."""
        some: list[Fillable] = []
        for muc in mucs:
            if not muc.live.history_known and muc.reads_history:
                some.append(muc)
            if len(some) == OPENED_AT_ONCE:
                await self._open(some)
                some = []
            self.add(muc)
        await self._open(some)

    async def _open(self, mucs: list[Fillable]) -> None:
        await self._gaps.idle()
        await asyncio.gather(*(muc.live.missing() for muc in mucs))

    async def run(self) -> None:
        """For ever: read what is missing."""
        await asyncio.gather(*(self._work() for _ in range(AT_ONCE)))

    async def _work(self) -> None:
        while True:
            muc = await self._next()
            try:
                await self._gaps.idle()
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

    async def _next(self) -> Fillable:
        """The next room of the user whose turn it is."""
        while not self._lines:
            self._news.clear()
            await self._news.wait()
        user = next(iter(self._lines))
        line = self._lines.pop(user)
        muc = line.popleft()
        if line:
            self._lines[user] = line
        return muc
