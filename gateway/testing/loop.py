"""The event loop of a test that is no coroutine."""

from __future__ import annotations

import asyncio
from asyncio import events
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Loop(asyncio.SelectorEventLoop):
    """Counts as running between its turns too, from `begin` to `close`: a test calls what a plugin
    calls from inside of the loop, such as `contact.send_text`."""

    def __init__(self) -> None:
        super().__init__()
        self.at_work = 0
        """What is being done in other threads."""
        self._between = False

    def begin(self) -> None:
        self._between = True
        asyncio.set_event_loop(self)
        events._set_running_loop(self)

    def close(self) -> None:
        if self._between:
            self._between = False
            self.run_until_complete(self._end())
            events._set_running_loop(None)
            asyncio.set_event_loop(None)
        super().close()

    async def _end(self) -> None:
        left = asyncio.all_tasks(self) - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await self.shutdown_default_executor()

    def run_until_complete(self, future: Any) -> Any:
        return self._turn(lambda: super(Loop, self).run_until_complete(future))

    def run_forever(self) -> None:
        self._turn(super().run_forever)

    def _turn(self, run: Callable[[], T]) -> T:
        events._set_running_loop(None)
        try:
            return run()
        finally:
            if self._between:
                events._set_running_loop(self)

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, function: Any, *args: Any
    ) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = super().run_in_executor(executor, function, *args)
        self.at_work += 1
        future.add_done_callback(self._one_less)
        return future

    def _one_less(self, _: object) -> None:
        self.at_work -= 1

    async def quiet(self, is_busy: Callable[[], bool]) -> None:
        """Return when nothing is under way any more. What waits for the clock goes on waiting."""
        own: Any = self
        turns = 0
        while turns < 3:
            await asyncio.sleep(0)
            turns = turns + 1 if not own._ready else 0
            if self.at_work or is_busy():
                await asyncio.sleep(0.001)
                turns = 0
