"""What has happened, on its way to browsers and to the gateway, in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from legacy_backend.events import EventSink
from legacy_backend.webchat.happenings import Happening

log = logging.getLogger(__name__)

_PATIENCE = 5.0


class Feed:
    """One queue, one task. When the gateway is busy the queue fills, and then acts wait."""

    def __init__(self, limit: int, to_browsers: Callable[[Happening], None]) -> None:
        self._queue: asyncio.Queue[Happening] = asyncio.Queue(limit)
        self._to_browsers = to_browsers
        self._task: asyncio.Task[None] | None = None

    def start(self, sink: EventSink | None) -> None:
        """Begin to hand over; without a `sink`, to browsers alone."""
        self._task = asyncio.create_task(self._run(sink), name="webchat feed")

    async def put(self, happening: Happening) -> None:
        """Returns when there is room. Called by one task only, so that order is kept."""
        await self._queue.put(happening)

    async def stop(self) -> None:
        """Hand over what is left, unless the gateway takes none of it for some seconds."""
        if self._task is None:
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._queue.join()
        except TimeoutError:
            log.warning("the gateway did not take %d events", self._queue.qsize())
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, sink: EventSink | None) -> None:
        while True:
            happening = await self._queue.get()
            try:
                self._to_browsers(happening)
                if sink is not None and happening.gateway:
                    await sink.put(happening.event)
            except Exception:
                log.exception("nobody took %s", type(happening.event).__name__)
            finally:
                self._queue.task_done()
