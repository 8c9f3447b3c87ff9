"""network → one seat: messages per second."""

from __future__ import annotations

from bench.scenarios.base import Metric, Scenario, sized

RATE = Metric("messages per second", "msg/s", more=True)
CPU = Metric("gateway's processor time per message", "ms", more=False)
MEMBERS = 50
WARM_UP = 100


class Relay(Scenario):
    name = "relay"
    about = "members of a group post as fast as possible; one user reads"

    async def prepare(self) -> None:
        await self.stage.group("relay", MEMBERS)
        await self.stage.join(self.stage.names[0], "relay", MEMBERS)
        await self.stage.relay("relay", "cold", WARM_UP)
        warm = await self.stage.relay("relay", "warm", WARM_UP)
        self.count = sized(warm.rate, 4, WARM_UP, 20_000)

    async def measure(self, run: int) -> dict[Metric, float]:
        relayed = await self.stage.relay("relay", f"run{run}", self.count)
        return {RATE: relayed.rate, CPU: relayed.cpu / self.count * 1000}
