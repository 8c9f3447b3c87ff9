"""client → network: messages per second that the network accepted."""

from __future__ import annotations

from bench.scenarios.base import Metric, Scenario, sized
from bench.stage import Incomplete

RATE = Metric("messages per second", "msg/s", more=True)
MEMBERS = 50
WARM_UP = 100


class Inbound(Scenario):
    name = "inbound"
    about = "one user writes as fast as possible; the network counts, the user sees each echo"

    async def prepare(self) -> None:
        self.room = await self.stage.group("inbound", MEMBERS)
        await self.stage.join(self.stage.names[0], "inbound", MEMBERS)
        await self.send("cold", WARM_UP)
        self.count = sized(await self.send("warm", WARM_UP), 3, WARM_UP, 10_000)

    async def measure(self, run: int) -> dict[Metric, float]:
        return {RATE: await self.send(f"run{run}", self.count)}

    async def send(self, run: str, count: int) -> float:
        """Messages per second, until the network had the last one."""
        sent = await self.stage.clients.do(
            "send", name=self.stage.names[0], room=self.room, run=run, count=count
        )
        heard = await self.stage.network.do("heard", run=run, count=count, within=120)
        if heard["distinct"] != count or heard["received"] != count:
            raise Incomplete(f"the network got {heard['received']} messages instead of {count}")
        if not heard["in_order"]:
            self.stage.notes.add("the network got messages out of order")
        echoes = await self.stage.clients.do("received", run=run, count=count, within=120)
        if echoes["distinct"] != count or echoes["received"] != count:
            raise Incomplete(f"{echoes['received']} echoes arrived instead of {count}")
        return count / float(heard["last"] - sent["started"])
