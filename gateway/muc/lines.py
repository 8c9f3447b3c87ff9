"""One line to each counter: work of one key in the order it came, keys beside each other."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Hashable
from typing import Any

log = logging.getLogger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]


class Lines:
    """Runs work in its order by key. What a piece of work raises is logged and ends only it."""

    def __init__(self) -> None:
        self._lines: dict[Hashable, deque[Work]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, key: Hashable, work: Work) -> None:
        """Do this after all that was given for the same key before."""
        line = self._lines.get(key)
        if line is not None:
            line.append(work)
            return
        self._lines[key] = deque([work])
        self._start(self._serve(key))

    def spawn(self, work: Work) -> None:
        """Do this beside everything else."""
        self._start(_guarded(work))

    async def idle(self) -> None:
        """Return when nothing is left to do."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _start(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, key: Hashable) -> None:
        line = self._lines[key]
        while line:
            await _guarded(line.popleft())
        del self._lines[key]


async def _guarded(work: Work) -> None:
    try:
        await work()
    except Exception:
        log.exception("a handler failed")
