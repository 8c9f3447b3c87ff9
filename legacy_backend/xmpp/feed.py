"""What has happened, on its way from one login's stream to the gateway, in order."""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from legacy_backend.events import Event, EventSink
from legacy_backend.xmpp.flow import Flow

log = logging.getLogger(__name__)

HIGH = 1000
"""Events that may wait until the stream is not read any more; at half of that, it is again."""


class Feed:
    """Takes events at any time, and hands them over one by one. A gateway that is busy so slows
    the server."""

    def __init__(self, sink: EventSink, flow: Flow) -> None:
        self._sink = sink
        self._flow = flow
        self._waiting: deque[Event] = deque()
        self._news = asyncio.Event()
        self._is_closed = False
        self._task = asyncio.create_task(self._run())

    def put(self, event: Event) -> None:
        self._waiting.append(event)
        self._news.set()
        if len(self._waiting) >= HIGH and not self._is_closed:
            self._flow.pause(self)

    async def close(self) -> None:
        """Hand over nothing any more."""
        self._is_closed = True
        self._flow.resume(self)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            while self._waiting:
                event = self._waiting.popleft()
                try:
                    await self._sink.put(event)
                except Exception:
                    log.exception("nobody took %s", type(event).__name__)
                if len(self._waiting) < HIGH // 2:
                    self._flow.resume(self)
            self._news.clear()
            await self._news.wait()
