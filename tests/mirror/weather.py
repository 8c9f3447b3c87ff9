"""A link in bad weather: it breaks, goes silent, or loses what is on its way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from tests.mirror.servers import Relay

WAYS = ("reset", "late", "lost")
"""Connections are closed and refused; nothing passes until later; nothing passes, and is gone."""


class Stormy(Relay):
    """A relay that can go silent."""

    def __init__(self, to: int) -> None:
        super().__init__(to)
        self._clear = asyncio.Event()
        self._clear.set()

    async def waited(self) -> None:
        await self._clear.wait()

    def silence(self) -> None:
        """What comes from now on waits."""
        self._clear.clear()

    async def mend(self, *, lost: bool) -> None:
        """Let everything pass again; with `lost`, connections that were open are gone, and what
        waited with them."""
        self.cut = False
        if lost:
            for task in list(self._tasks):
                task.cancel()
            for writer in list(self._open):
                writer.close()
            self._open.clear()
        self._clear.set()


async def storm(
    relays: Sequence[Stormy], dice: random.Random, shortest: float, longest: float
) -> str:
    """Have the link be broken for so many seconds, in some way; which."""
    way = dice.choice(WAYS)
    for relay in relays:
        if way == "reset":
            await relay.break_off()
        else:
            relay.silence()
    await asyncio.sleep(dice.uniform(shortest, longest))  # this is what is tested
    for relay in relays:
        await relay.mend(lost=way == "lost")
    return way
