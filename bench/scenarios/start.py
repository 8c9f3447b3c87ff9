"""Seconds from the start of the process until everybody is logged in and rooms can be joined."""

from __future__ import annotations

import time

from bench.scenarios.base import Metric, Scenario

ROOMS = 20
MEMBERS = 10
READY = Metric("until every user is logged in, with all rooms", "s", more=False)
JOINED = Metric("until a user has joined a room after that", "s", more=False)
MEMORY = Metric("resident memory then", "MiB", more=False)


class Start(Scenario):
    name = "start"
    about = f"users (100, or --users) with {ROOMS} rooms each: the gateway is started again"
    users = 100
    any_users = True
    groups = (ROOMS, MEMBERS)
    repeat = 2

    async def prepare(self) -> None:
        await self.stage.settle()

    async def measure(self, run: int) -> dict[Metric, float]:
        started = time.monotonic()
        ready = await self.stage.restart()
        name, group = self.stage.names[-1], f"group-{run % ROOMS}"
        await self.stage.find(group, name)
        await self.stage.join(name, group, MEMBERS)
        joined = time.monotonic() - started
        await self.stage.leave(name, group)
        memory = self.stage.engine.program.memory() / 2**20
        return {READY: ready, JOINED: joined, MEMORY: memory}
