"""Who is looking: has the page open, or is in a room of the gateway."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from legacy_backend.terms import MemberId

log = logging.getLogger(__name__)


class Presence:
    """Counts each person's connections.

    Who loses the last one is shown as gone only after `grace` seconds, so that loading a page
    again, or a phone changing networks, is not told to everyone.
    """

    def __init__(self, show: Callable[[MemberId], Awaitable[None]], grace: float = 15.0) -> None:
        self._show = show
        self._grace = grace
        self._open: Counter[MemberId] = Counter()
        self._seen: set[MemberId] = set()
        self._tasks: dict[MemberId, asyncio.Task[None]] = {}
        self._stopped = False

    def is_online(self, person: MemberId) -> bool:
        """As others are shown it. May be asked from any thread."""
        return person in self._seen

    def connected(self, person: MemberId) -> None:
        self._open[person] += 1
        self._settle(person, 0)

    def disconnected(self, person: MemberId) -> None:
        self._open[person] -= 1
        if self._open[person] <= 0:
            del self._open[person]
            self._settle(person, self._grace)

    async def stop(self) -> None:
        self._stopped = True
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _settle(self, person: MemberId, delay: float) -> None:
        if person in self._tasks or self._stopped:
            return
        task = asyncio.create_task(self._show_change(person, delay))
        self._tasks[person] = task
        task.add_done_callback(lambda done: self._settled(person, done))

    def _settled(self, person: MemberId, task: asyncio.Task[None]) -> None:
        self._tasks.pop(person, None)
        if not task.cancelled() and task.exception() is not None:
            log.error("could not show who is online", exc_info=task.exception())

    async def _show_change(self, person: MemberId, delay: float) -> None:
        await asyncio.sleep(delay)
        while (person in self._open) != (person in self._seen):
            if person in self._open:
                self._seen.add(person)
            else:
                self._seen.discard(person)
            await self._show(person)
