"""Seconds to join a room that the engine never opened before, and to join it again."""

from __future__ import annotations

from bench.scenarios.base import Metric, Scenario

SIZES = (100, 2_000, 10_000)
WARM_UP = 10
FIRST = {n: Metric(f"first join of {n} participants", "s", more=False) for n in SIZES}
AGAIN = {n: Metric(f"next join of {n} participants", "s", more=False) for n in SIZES}
HELD = {n: Metric(f"longest hold of the loop, {n} participants", "ms", more=False) for n in SIZES}
BUSY = {n: Metric(f"of it processor time, {n} participants", "ms", more=False) for n in SIZES}
PATIENCE = 20.0
"""Seconds: an engine that takes longer for a size is asked once and not again."""


class Join(Scenario):
    name = "join"
    about = "one user joins a room, until the subject has arrived; every occupant must be shown"

    async def prepare(self) -> None:
        self.slow: set[int] = set()
        await self.join("warm-up", WARM_UP)

    async def measure(self, run: int) -> dict[Metric, float]:
        values: dict[Metric, float] = {}
        for size in SIZES:
            if size in self.slow:
                continue
            await self.stage.network.do("watch")
            first, again = await self.join(f"join-{size}-{run}", size)
            held = await self.stage.network.do("watched")
            values |= {FIRST[size]: first, AGAIN[size]: again}
            values |= {HELD[size]: held["longest"] * 1000, BUSY[size]: held["busiest"] * 1000}
            if first > PATIENCE:
                self.slow.add(size)
                self.stage.notes.add(f"joined {size} participants once only, for it took so long")
        return values

    async def join(self, group: str, members: int) -> tuple[float, float]:
        user = self.stage.names[0]
        await self.stage.group(group, members)
        seconds = []
        for _ in range(2):
            seconds.append(await self.stage.join(user, group, members))
            await self.stage.leave(user, group)
        return seconds[0], seconds[1]
