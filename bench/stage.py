"""Everything one engine is measured with: gateway, server, clients, and the way between them."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bench.engines import Engine
from bench.processes import Program
from bench.prosody import Prosody
from bench.rpc import Remote


class Incomplete(Exception):
    """Something that was sent did not arrive, so the figure would mean nothing."""


class Stage:
    """A running engine with users who are registered and logged in.

    `network` commands the plugin inside the gateway (`bench.plugin.Network`), `clients` the XMPP
    clients (`bench.client.Clients`).
    """

    def __init__(self, engine: Engine, prosody: Prosody, users: int) -> None:
        self.engine = engine
        self.prosody = prosody
        self.names = [f"{engine.name}{number:03}" for number in range(users)]
        self.clients: Remote
        self.notes: set[str] = set()
        self._exits = AsyncExitStack()
        self._rooms: dict[str, str] = {}

    @property
    def network(self) -> Remote:
        return self.engine.network

    async def __aenter__(self) -> Stage:
        try:
            await self._start()
        except BaseException:
            await self._exits.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._exits.aclose()

    async def _start(self) -> None:
        await self.prosody.add_accounts(self.names)
        await self.engine.start()
        self._exits.push_async_callback(self.engine.stop)
        self.clients = await self._start_clients(self.engine.folder)
        await self.clients.do("connect", names=self.names)
        while not await self.clients.do("answers", name=self.names[0], jid=self.engine.jid()):
            self.engine.program.check()
            await asyncio.sleep(0.1)
        await self.clients.do("register", names=self.names, gateway=self.engine.jid(), within=120)
        async with asyncio.timeout(120):
            while len(await self.network.do("users")) < len(self.names):
                self.engine.program.check()
                await asyncio.sleep(0.1)

    async def _start_clients(self, folder: Path) -> Remote:
        socket = folder / "clients.sock"
        program = Program.start(
            [sys.executable, "-m", "bench.client", str(socket), str(self.prosody.c2s_port)],
            folder / "clients.log",
        )
        self._exits.push_async_callback(program.end)
        remote = await Remote.connect(socket)
        self._exits.push_async_callback(remote.close)
        return remote

    async def group(self, group: str, members: int) -> str:
        """Make a group of which all users are members; its room's address."""
        room = await self.network.do("group", group=group, members=members)
        self._rooms[group] = room
        return str(room)

    async def join(self, name: str, group: str, members: int) -> float:
        """Seconds until joined. Raises Incomplete if the room did not show all of them.

        A shared room may show its other users too.
        """
        joined = await self.clients.do("join", name=name, room=self._rooms[group], within=120)
        shown, wanted = joined["occupants"], members + 1
        if shown < wanted or (shown > wanted and not self.engine.shared):
            raise Incomplete(f"{shown} occupants shown instead of {wanted}")
        if not joined["seated"]:
            raise Incomplete("the user's own presence had no status 110")
        return float(joined["seconds"])

    async def settle(self, within: float = 20) -> None:
        """Wait until the gateway has nothing more to do, so that nobody else is slowed by it."""
        until = time.monotonic() + within
        before = self.engine.program.cpu()
        while time.monotonic() < until:
            await asyncio.sleep(0.3)
            now = self.engine.program.cpu()
            if now - before < 0.03:
                return
            before = now

    async def leave(self, name: str, group: str) -> None:
        await self.clients.do("leave", name=name, room=self._rooms[group])

    async def relay(self, group: str, run: str, count: int, **how: Any) -> Relayed:
        """Post `count` messages into the group and wait until every user's client has them all.

        Raises Incomplete if one does not.
        """
        cpu = self.engine.program.cpu()
        post = {"group": group, "run": run, "count": count, "shared": self.engine.shared, **how}
        posted, received = await asyncio.gather(
            self.network.do("post", within=240, **post),
            self.clients.do("received", run=run, count=count, within=240),
        )
        wanted = count * len(self.names)
        if received["distinct"] != wanted or received["received"] != wanted:
            raise Incomplete(
                f"{received['received']} messages ({received['distinct']} different ones) "
                f"arrived instead of {wanted}"
            )
        if received["disordered"]:
            self.notes.add("messages arrived out of order")
        return Relayed(
            deliveries=wanted,
            seconds=received["last"] - posted["started"],
            cpu=self.engine.program.cpu() - cpu,
            delays=received["delays"],
        )


class Relayed:
    """What relaying one run took; `delays` per delivery, in seconds, ascending."""

    def __init__(self, deliveries: int, seconds: float, cpu: float, delays: list[float]) -> None:
        self.deliveries = deliveries
        self.seconds = seconds
        self.cpu = cpu
        self.delays = delays

    @property
    def rate(self) -> float:
        return self.deliveries / self.seconds
