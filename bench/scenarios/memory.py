"""Resident memory of a gateway that knows who is in all of its rooms, and how it grows."""

from __future__ import annotations

import asyncio

from bench.scenarios.base import Metric, Scenario, sized

ROOMS = 20
MEMBERS = 200
EMPTY = Metric("logged in, rooms known", "MiB", more=False)
FULL = Metric("all participants known, a minute later", "MiB", more=False)
PEAK = Metric("at most until then", "MiB", more=False)
GROWTH = Metric("growth over a run of messages", "MiB", more=False)
PER_MESSAGE = Metric("growth per 1,000 messages", "KiB", more=False)
BATCH = 5_000
REST = 60
"""Seconds after which memory is what it stays, the work being done."""


class Memory(Scenario):
    name = "memory"
    about = f"users (10, or --users) with {ROOMS} rooms each of {MEMBERS} participants: resident"
    users = 10
    any_users = True
    groups = (ROOMS, MEMBERS)
    repeat = 1

    async def prepare(self) -> None:
        await self.stage.settle()
        self.empty = self.resident()

    async def measure(self, run: int) -> dict[Metric, float]:
        shared, within = self.stage.engine.shared, self.stage.limit
        await self.stage.network.do("know_everyone", shared=shared, within=within)
        await self.stage.settle()
        await asyncio.sleep(REST)
        peak = self.stage.engine.program.peak() / 2**20
        return {EMPTY: self.empty, FULL: self.resident(), PEAK: peak}

    def resident(self) -> float:
        """MiB."""
        return self.stage.engine.program.memory() / 2**20


class SharedMemory(Memory):
    name = "memory-shared"
    about = "the same with rooms that all users share, where the engine has such"
    shared = True


class Growth(Memory):
    name = "memory-growth"
    about = "resident memory before and after many messages (--messages), as many before that"
    users = 1
    any_users = False
    groups = (0, 0)

    async def prepare(self) -> None:
        await self.stage.group("growth", 50)
        await self.stage.join(self.stage.names[0], "growth", 50)
        await self.stage.relay("growth", "cold", 100)
        warm = await self.stage.relay("growth", "warm", 100)
        self.count = sized(warm.rate, self.stage.limit / 4, 100, self.size.messages)
        self.batch = sized(warm.rate, 4, 100, BATCH)
        await self.post("before")

    async def measure(self, run: int) -> dict[Metric, float]:
        before = self.resident()
        posted = await self.post(f"run{run}")
        growth = self.resident() - before
        self.stage.notes.add(f"{posted:,} messages")
        return {GROWTH: growth, PER_MESSAGE: growth * 1024 / posted * 1000}

    async def post(self, run: str) -> int:
        """Post as many messages as fit, in batches; how many those were."""
        posted = 0
        while posted < self.count:
            await self.stage.relay("growth", f"{run}-{posted}", self.batch)
            posted += self.batch
        await self.stage.settle()
        return posted
