"""Seconds to join a room that the engine never opened before, and to join it again."""

from __future__ import annotations

from bench.scenarios.base import Metric, Scenario

SIZES = (100, 2000)
WARM_UP = 10
FIRST = {n: Metric(f"first join of {n} participants", "s", more=False) for n in SIZES}
AGAIN = {n: Metric(f"next join of {n} participants", "s", more=False) for n in SIZES}


class Join(Scenario):
    name = "join"
    about = "one user joins a room, until the subject has arrived; every occupant must be shown"

    async def prepare(self) -> None:
        await self.join("warm-up", WARM_UP)

    async def measure(self, run: int) -> dict[Metric, float]:
        values: dict[Metric, float] = {}
        for size in SIZES:
            first, again = await self.join(f"join-{size}-{run}", size)
            values |= {FIRST[size]: first, AGAIN[size]: again}
        return values

    async def join(self, group: str, members: int) -> tuple[float, float]:
        user = self.stage.names[0]
        await self.stage.group(group, members)
        seconds = []
        for _ in range(2):
            seconds.append(await self.stage.join(user, group, members))
            await self.stage.leave(user, group)
        return seconds[0], seconds[1]
