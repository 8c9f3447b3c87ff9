"""Everything one engine is measured with: gateway, server, clients, and the way between them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from bench.engines import Engine
from bench.processes import Program
from bench.prosody import DOMAIN, Prosody
from bench.rpc import Remote


class Incomplete(Exception):
    """Something that was sent did not arrive, so the figure would mean nothing."""


class Stage:
    """A running engine with users who are registered and logged in.

    Nothing is waited for longer than `limit` seconds.

    `network` commands the plugin inside the gateway (`bench.plugin.Network`), `clients` the XMPP
    clients (`bench.client.Clients`).
    """

    def __init__(self, engine: Engine, prosody: Prosody, users: int, *, limit: float = 120) -> None:
        self.limit = limit
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
        await self.close()

    async def close(self) -> None:
        """End the engine and the clients, so that they take nothing from others."""
        await self._exits.aclose()

    async def _start(self) -> None:
        await self.prosody.add_accounts(self.names)
        await self.engine.start()
        self._exits.push_async_callback(self._stop_engine)
        self.clients = await self._start_clients(self.engine.folder)
        await self.clients.do("connect", names=self.names, within=self.limit)
        while not await self.clients.do("answers", name=self.names[0], jid=self.engine.jid()):
            self.engine.program.check()
            await asyncio.sleep(0.1)
        gateway = self.engine.jid()
        await self.clients.do("register", names=self.names, gateway=gateway, within=self.limit)
        await self.logged_in()

    async def logged_in(self) -> float:
        """Wait until every user is logged in, with their groups known; the time of it."""
        count = len(self.names)
        return float(await self.network.do("logged_in", count=count, within=self.limit))

    async def restart(self) -> float:
        """End the gateway and start it again; seconds until every user is logged in."""
        await self.engine.stop()
        started = time.monotonic()
        await self.engine.start()
        return await self.logged_in() - started

    async def _stop_engine(self) -> None:
        await self.engine.stop()  # the one that runs then

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

    def jid(self, name: str) -> str:
        """The bare JID of one of the users."""
        return f"{name}@{DOMAIN}"

    async def group(self, group: str, members: int, names: list[str] | None = None) -> str:
        """Make a group of which all users are members, or some; its room's address."""
        users = None if names is None else [self.jid(name) for name in names]
        room = await self.network.do(
            "group", group=group, members=members, users=users, within=self.limit
        )
        self._rooms[group] = room
        return str(room)

    async def find(self, group: str, name: str) -> str:
        """The address of a group that there was from the outset, for one of its users."""
        room = await self.network.do("room", group=group, user=self.jid(name))
        self._rooms[group] = room
        return str(room)

    async def join(self, name: str, group: str, members: int) -> float:
        """Seconds until joined. Raises Incomplete if the room did not show all of them.

        A shared room may show its other users too.
        """
        room = self._rooms[group]
        joined = await self.clients.do("join", name=name, room=room, within=self.limit)
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
            self.network.do("post", within=self.limit, **post),
            self.clients.do("received", run=run, count=count, within=self.limit),
        )
        return self._relayed(posted, received, count * len(self.names), cpu)

    async def flow(
        self,
        group: str,
        run: str,
        per_second: float,
        during: Awaitable[object],
        *,
        readers: list[str],
        most: float,
        author: str | None = None,
    ) -> Relayed:
        """Post at a pace while something goes on, but for no more than `most` seconds, and wait
        until the clients of `readers`, who are in the group, have it all.

        Raises Incomplete if one does not.
        """
        cpu = self.engine.program.cpu()
        going = asyncio.ensure_future(during)
        ask = {"group": group, "run": run, "count": int(most * per_second), "author": author}
        posting = asyncio.ensure_future(
            self.network.do("post", within=self.limit, per_second=per_second, **ask)
        )
        try:
            await going
            await self.network.do("enough", run=run, within=self.limit)
            posted = await posting
        finally:
            going.cancel()
            posting.cancel()
        count = posted["posted"]
        received = await self.clients.do(
            "received", run=run, count=count, names=readers, within=self.limit
        )
        return self._relayed(posted, received, count * len(readers), cpu)

    def _relayed(
        self, posted: dict[str, Any], received: dict[str, Any], wanted: int, cpu: float
    ) -> Relayed:
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

    def delay(self, share: float) -> float:
        """The delay that this share of the deliveries kept within, in milliseconds."""
        return self.delays[min(len(self.delays) - 1, int(share * len(self.delays)))] * 1000

    @property
    def rate(self) -> float:
        return self.deliveries / self.seconds
