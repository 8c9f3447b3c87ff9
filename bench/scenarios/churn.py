"""A netsplit: most of a group leaves at once and comes back at once, while others talk."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

from bench.scenarios.base import Metric, Scenario
from bench.stage import Incomplete, Relayed

MEMBERS = 2_000
APART = 5.0
PER_SECOND = 20
MOST = 60.0
LATEST = Metric("latest message", "s", more=False)
P99 = Metric("delay of messages, 99th percentile", "ms", more=False)
SECONDS = Metric("until all were seen to be back", "s", more=False)
HELD = Metric("longest hold of the loop", "ms", more=False)
BUSY = Metric("of it processor time", "ms", more=False)


class Churn(Scenario):
    name = "churn"
    about = (
        f"{MEMBERS} members leave in one burst and return in one {APART:g} seconds later, while "
        f"{PER_SECOND} messages a second are said"
    )
    any_users = True
    repeat = 2

    async def prepare(self) -> None:
        self.room = await self.stage.group("churn", MEMBERS)
        for name in self.stage.names:
            await self.stage.find("churn", name)
            await self.stage.join(name, "churn", MEMBERS)
        await self.talk("warm", asyncio.sleep(1))

    async def measure(self, run: int) -> dict[Metric, float]:
        await self.stage.network.do("watch")
        started = time.monotonic()
        said = await self.talk(f"run{run}", self.split())
        held = await self.stage.network.do("watched")
        return {
            LATEST: said.delays[-1],
            P99: said.delay(0.99),
            SECONDS: self.back - started - APART,
            HELD: held["longest"] * 1000,
            BUSY: held["busiest"] * 1000,
        }

    async def talk(self, run: str, during: Awaitable[None]) -> Relayed:
        return await self.stage.flow(
            "churn", run, PER_SECOND, during, readers=self.stage.names, most=MOST, author="talker"
        )

    async def split(self) -> None:
        """Until every client sees everybody again."""
        within = self.stage.limit
        await self.stage.network.do("split", group="churn", apart=APART, within=within)
        for name in self.stage.names:
            await self.all_here(name)
        self.back = time.monotonic()

    async def all_here(self, name: str) -> None:
        room, wanted = await self.stage.find("churn", name), MEMBERS + 2  # the user and the talker
        until = time.monotonic() + self.stage.limit
        while (seen := await self.stage.clients.do("here", name=name, room=room)) < wanted:
            if time.monotonic() > until:
                raise Incomplete(f"{seen} occupants are back instead of {wanted}")
            await asyncio.sleep(0.1)
