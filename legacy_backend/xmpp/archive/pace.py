"""Not more often than every so many seconds, however many ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Pace:
    """One for each server that is asked, for all of its rooms together.

    MongooseIM answers one look-up a second, and errors to the rest.
    """

    def __init__(
        self,
        seconds: float,
        *,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """0 seconds holds nobody up."""
        self.seconds = seconds
        self._clock = clock or asyncio.get_running_loop().time
        self._sleep = sleep
        self._free_at = 0.0

    async def turn(self) -> None:
        """Wait until it is our turn. Turns are given in the order in which they are asked for."""
        now = self._clock()
        mine = max(now, self._free_at)
        self._free_at = mine + self.seconds
        if mine > now:
            await self._sleep(mine - now)

    async def rest(self, seconds: float) -> None:
        """Wait because the server has asked for it, or seems to be away."""
        await self._sleep(seconds)
