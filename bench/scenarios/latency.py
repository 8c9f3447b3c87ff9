"""network → one seat, at a pace: milliseconds until a message has arrived."""

from __future__ import annotations

import asyncio
import time

from bench.scenarios.base import Metric, Scenario

PER_SECOND = 50
SECONDS = 10
JOINS = 100
MEMBERS = 50
P50 = Metric(f"delay at {PER_SECOND} messages/s, median", "ms", more=False)
P99 = Metric(f"delay at {PER_SECOND} messages/s, 99th percentile", "ms", more=False)
JOIN_P50 = Metric(f"delay while {JOINS} users join, median", "ms", more=False)
JOIN_P99 = Metric(f"delay while {JOINS} users join, 99th percentile", "ms", more=False)
JOINED = Metric(f"{JOINS} users join {MEMBERS} participants at once", "s", more=False)


class Latency(Scenario):
    name = "latency"
    about = (
        f"{PER_SECOND} messages a second to one reader, and while {JOINS} others join another "
        "group at once"
    )
    users = 1 + JOINS
    repeat = 2

    async def prepare(self) -> None:
        self.reader, *self.others = self.stage.names
        await self.stage.group("talk", MEMBERS, [self.reader])
        await self.stage.join(self.reader, "talk", MEMBERS)
        await self.stage.flow(
            "talk", "warm", PER_SECOND, asyncio.sleep(1), readers=[self.reader], most=SECONDS
        )

    async def measure(self, run: int) -> dict[Metric, float]:
        quiet = await self.stage.flow(
            "talk",
            f"quiet{run}",
            PER_SECOND,
            asyncio.sleep(SECONDS),
            readers=[self.reader],
            most=SECONDS,
        )
        group = f"crowd{run}"
        await self.stage.group(group, MEMBERS, self.others)
        await self.stage.settle()
        started = time.monotonic()
        busy = await self.stage.flow(
            "talk", f"busy{run}", PER_SECOND, self.join(group), readers=[self.reader], most=SECONDS
        )
        return {
            P50: quiet.delay(0.5),
            P99: quiet.delay(0.99),
            JOIN_P50: busy.delay(0.5),
            JOIN_P99: busy.delay(0.99),
            JOINED: self.joined - started,
        }

    async def join(self, group: str) -> None:
        for name in self.others:
            await self.stage.find(group, name)
        await asyncio.gather(*(self.stage.join(name, group, MEMBERS) for name in self.others))
        self.joined = time.monotonic()
