"""Presences that cannot go out just now. Of each address's to each user only the latest counts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

log = logging.getLogger(__name__)

Key = tuple[str, str]
"""From whom, and to whom."""

TICK_SECONDS = 0.05


class Way(Protocol):
    """The way to the server."""

    @property
    def free(self) -> bool: ...
    @property
    def connected_now(self) -> bool: ...
    async def room(self) -> None: ...


class Waiting:
    """Holds what is to be told until the way is free, then tells it, so many a second.

    So a server that is slow gets messages first, one that was away is told how things stand and
    not what happened, and what is held is bounded by whom there is to tell.
    """

    def __init__(self, way: Way, per_second: int) -> None:
        self._way = way
        self._each_tick = max(1, round(per_second * TICK_SECONDS))
        self._tick = self._each_tick / per_second
        self._latest: dict[Key, Callable[[], None]] = {}
        self._telling: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._latest)

    def holds(self, key: Key) -> bool:
        """Whether a presence has to wait: for the way, or because an older one does."""
        return not self._way.free or key in self._latest

    def put(self, key: Key, tell: Callable[[], None]) -> None:
        """Have something told in its turn, instead of what was to be told before."""
        self._latest[key] = tell
        self.go_on()

    def put_if_none(self, key: Key, tell: Callable[[], None]) -> None:
        """Have something told unless there is something newer."""
        self._latest.setdefault(key, tell)

    def drop(self, key: Key) -> None:
        """What was to be told is not so any more."""
        self._latest.pop(key, None)

    def go_on(self) -> None:
        """Start telling, if the server is there."""
        if self._latest and self._telling is None and self._way.connected_now:
            self._telling = asyncio.create_task(self._tell())
            self._telling.add_done_callback(self._told)

    async def told(self) -> None:
        """Return when nothing waits that can be told."""
        while self._telling is not None:
            await asyncio.wait({self._telling})

    def stop(self) -> None:
        if self._telling is not None:
            self._telling.cancel()

    async def _tell(self) -> None:
        while self._latest:
            for _ in range(self._each_tick):
                await self._way.room()
                if not self._way.connected_now or not self._latest:
                    return
                key = next(iter(self._latest))
                tell = self._latest.pop(key)
                try:
                    tell()
                except Exception:
                    log.exception("a presence from %s to %s could not be told", *key)
            await asyncio.sleep(self._tick)

    def _told(self, _: asyncio.Task[None]) -> None:
        self._telling = None
