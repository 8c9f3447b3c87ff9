"""Signals: whoever is connected to one is called when something happens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)

Handler = TypeVar("Handler", bound=Callable[..., object])


class Signal:
    """Handlers are called in the order in which they were connected, each once.

    They have to accept keywords they do not know: what is told may become more. One that returns
    True is disconnected. One that fails is logged, and keeps nobody else from being called. A
    coroutine function is run as a task.
    """

    def __init__(self) -> None:
        self._handlers: list[Callable[..., object]] = []
        self._running: set[asyncio.Task[object]] = set()

    def connect(self, handler: Handler) -> Handler:
        """Have `handler` called from now on; returns it, so that this is a decorator too."""
        self._handlers.append(handler)
        return handler

    def disconnect(self, handler: Callable[..., object]) -> None:
        """Raises ValueError if it is not connected."""
        self._handlers.remove(handler)

    def future(self) -> asyncio.Future[tuple[tuple[Any, ...], dict[str, Any]]]:
        """Done at the next emission, with what was told: positional arguments and keywords."""
        awaited: asyncio.Future[tuple[tuple[Any, ...], dict[str, Any]]]
        awaited = asyncio.get_running_loop().create_future()

        def fulfil(*args: Any, **kwargs: Any) -> bool:
            if not awaited.done():
                awaited.set_result((args, kwargs))
            return True

        self.connect(fulfil)
        return awaited

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Emit."""
        for handler in tuple(self._handlers):
            try:
                answer = handler(*args, **kwargs)
            except Exception:
                log.exception("a handler of a signal failed: %r", handler)
                continue
            if isinstance(answer, Coroutine):
                self._run(answer)
            elif answer is True and handler in self._handlers:
                self._handlers.remove(handler)

    def _run(self, coroutine: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a handler of a signal failed", exc_info=task.exception())
