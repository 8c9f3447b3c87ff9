"""network → fifty users with a seat each, in one group: deliveries per second."""

from __future__ import annotations

from bench.scenarios.base import Metric, Scenario, sized

RATE = Metric("deliveries per second", "msg/s", more=True)
CPU = Metric("gateway's processor time per delivery", "ms", more=False)
USERS = 50
MEMBERS = 5
WARM_UP = 5


class Fanout(Scenario):
    name = "fanout"
    about = f"members of a group post; {USERS} users read, each in a room of their own"
    users = USERS

    async def prepare(self) -> None:
        await self.stage.group("fanout", MEMBERS)
        for name in self.stage.names:
            await self.stage.join(name, "fanout", MEMBERS)
        await self.stage.relay("fanout", "cold", WARM_UP)
        warm = await self.stage.relay("fanout", "warm", WARM_UP)
        self.count = sized(warm.rate / USERS, 4, WARM_UP, 2_000)

    async def measure(self, run: int) -> dict[Metric, float]:
        relayed = await self.stage.relay("fanout", f"run{run}", self.count)
        return {RATE: relayed.rate, CPU: relayed.cpu / relayed.deliveries * 1000}


class SharedFanout(Fanout):
    name = "fanout-shared"
    about = f"members of a group post; {USERS} users read in one room, where the engine has such"
    shared = True
