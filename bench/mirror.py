"""What crosses the link between two servers: plain MUC, and the same through a mirror.

Two gateways beside two real servers, with a relay between these that counts. The users at one end
join a room of the other end's gateway directly, and then another one through their mirror.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from bench.parse import Stanza, StreamParser
from bench.processes import Program
from bench.prosody import PASSWORD
from bench.report import OURS, Result
from bench.rpc import Remote
from bench.runner import say
from bench.scenarios.base import Metric
from bench.stage import Incomplete
from bench.words import WORDS
from conformance.client import Client
from tests.mirror.servers import MASTER, MIRROR, Pair, Relay, pair
from tests.web_client import WebPerson, web_person

PLAIN = "plain MUC"
USERS = (1, 10, 100)
MESSAGES = 500
CHANGES = 100
QUIET = 1.0
"""Seconds in which nothing has crossed after which all is taken to have come."""
PATIENCE = 60.0

NO_LIMITS = """
[limits]
messages_per_minute = 0
joins_per_minute = 0
presences_per_minute = 0
queries_per_minute = 0
"""


@dataclass(frozen=True)
class Crossed:
    """`stanzas` are messages, presences and IQs; all else of the streams is in `bytes` alone."""

    bytes: int = 0
    stanzas: int = 0

    def __add__(self, other: Crossed) -> Crossed:
        return Crossed(self.bytes + other.bytes, self.stanzas + other.stanzas)

    def __sub__(self, other: Crossed) -> Crossed:
        return Crossed(self.bytes - other.bytes, self.stanzas - other.stanzas)


class Counting(Relay):
    """Counts what passes, and keeps nothing of it."""

    def __init__(self, to: int) -> None:
        super().__init__(to)
        self.crossed = Crossed()

    def heard(self) -> Callable[[bytes], None]:
        parser = StreamParser(self._stanza)

        def read(data: bytes) -> None:
            self.crossed += Crossed(bytes=len(data))
            parser.feed(data)

        return read

    def _stanza(self, stanza: Stanza) -> None:
        if stanza.name in ("message", "presence", "iq"):
            self.crossed += Crossed(stanzas=1)


class Ship:
    """One way for some users to a room at the other end."""

    def __init__(self, both: Pair, clients: Remote, web: WebPerson, names: list[str]) -> None:
        self.both = both
        self.clients = clients
        self.web = web
        self.names = names

    async def has(self, group: str, *, mirrored: bool) -> str:
        """Make a group, to which the users will go; its room's address at the other end."""
        there = f"{group}@{MASTER}"
        self.room = rf"{group}\40{MASTER}@{MIRROR}" if mirrored else there
        await self.web.makes(group, name="A hall")
        return there

    async def warm_up(self, group: str, *, mirrored: bool) -> None:
        """Have everybody be known at the other end, which is told once of each."""
        await self.has(group, mirrored=mirrored)
        for name in self.names:
            await self.clients.do("join", name=name, room=self.room)
        await self.counted(self.leave())

    async def measure(self, group: str, *, mirrored: bool) -> dict[str, Crossed]:
        """What each part of a conversation costs. Raises Incomplete if not all of it arrived."""
        there = await self.has(group, mirrored=mirrored)
        async with Client(self.both.fairfax.server, "scott", names={"room": there}) as scott:
            await scott.join(there, "Scott")
            half, few = MESSAGES // 2, CHANGES // 2
            found = {
                "joins": await self.counted(self.join()),
                f"{half} messages of others": await self.counted(self.hear(group, half)),
                f"{half} messages of theirs": await self.counted(self.talk(group, half)),
                f"{few} changes of others": await self.counted(self.watch(scott, few)),
                f"{few} changes of theirs": await self.counted(self.change(few)),
            }
            parts = [cost for name, cost in found.items() if name != "joins"]
            found["messages and changes"] = sum(parts, Crossed())
            found["leaves"] = await self.counted(self.leave())
            found["10 messages when they are gone"] = await self.counted(self.hear("", 10, group))
        return found

    async def counted(self, act: Awaitable[None]) -> Crossed:
        """What crosses until nothing more does."""
        before = self.crossed()
        await act
        last, since = self.crossed(), time.monotonic()
        while time.monotonic() - since < QUIET:
            await asyncio.sleep(0.05)
            if self.crossed() != last:
                last, since = self.crossed(), time.monotonic()
        return last - before

    def crossed(self) -> Crossed:
        relays = [relay for relay in self.both.relays if isinstance(relay, Counting)]
        return sum((relay.crossed for relay in relays), Crossed())

    async def join(self) -> None:
        for name in self.names:
            await self.clients.do("join", name=name, room=self.room)
        everybody = len(self.names) + 2  # with Scott, and with who made the group
        for name in self.names:
            until = time.monotonic() + PATIENCE
            while (seen := await self.clients.do("here", name=name, room=self.room)) < everybody:
                if time.monotonic() > until:
                    raise Incomplete(f"{name} sees {seen} occupants instead of {everybody}")
                await asyncio.sleep(0.05)

    async def hear(self, run: str, count: int, group: str = "") -> None:
        """Messages of the other end's; nobody waits for those of a run without a name."""
        for number in range(count):
            body = f"{run or '-'} {number} {time.monotonic():.6f} {WORDS}"
            await self.web.says(group or run, body)
        if run:
            await self._received(run, count)

    async def talk(self, group: str, count: int) -> None:
        """Messages of the users at this end, in turn."""
        run, first = f"own-{group}", 0
        for place, name in enumerate(self.names):
            share = (count + len(self.names) - 1 - place) // len(self.names)
            await self.clients.do(
                "send", name=name, room=self.room, run=run, count=share, first=first
            )
            first += share
        await self._received(run, count)

    async def _received(self, run: str, count: int) -> None:
        got = await self.clients.do("received", run=run, count=count, names=self.names, within=120)
        wanted = count * len(self.names)
        if not wanted == got["distinct"] == got["received"]:
            raise Incomplete(f"{got['received']} messages arrived instead of {wanted}")

    async def watch(self, scott: Client, count: int) -> None:
        """Changes of presence of somebody's at the other end."""
        await self._shown(0)
        for number in range(count):
            status = escape(f"{number} {WORDS}")
            await scott.send(f"<presence to='{{room}}/Scott'><status>{status}</status></presence>")
        await self._shown(count)

    async def change(self, count: int) -> None:
        """Changes of presence of the users at this end, in turn."""
        await self._shown(0)
        for number in range(count):
            name = self.names[number % len(self.names)]
            status = escape(f"{number} {WORDS}")
            await self.clients.do("looks", name=name, room=self.room, status=status)
        await self._shown(count)

    async def _shown(self, count: int) -> None:
        fewest = await self.clients.do("shown", names=self.names, room=self.room, count=count)
        if count and fewest != count:
            raise Incomplete(f"somebody saw {fewest} changes of presence instead of {count}")

    async def leave(self) -> None:
        for name in self.names:
            await self.clients.do("leave", name=name, room=self.room)


async def run(folder: Path) -> list[Result]:
    """Bytes and stanzas for each number of users, both ways."""
    results: list[Result] = []
    async with (
        pair(folder, relay=Counting, ping_seconds=60, more=NO_LIMITS) as both,
        web_person(both.fairfax.web, "Wanda") as web,
        _clients(both, folder) as clients,
    ):
        for count in USERS:
            say(f"mirror: {count} users, {PLAIN} and mirrored")
            names = [f"sailor{number:03}" for number in range(count)]
            for name in names:
                await both.raleigh.server.add_user(name, PASSWORD)
            await clients.do("connect", names=names)
            ship = Ship(both, clients, web, names)
            for way, mirrored in (("p", False), ("m", True)):
                await ship.warm_up(f"{way}{count:03}-first", mirrored=mirrored)
            plain = await ship.measure(f"p{count:03}", mirrored=False)
            ours = await ship.measure(f"m{count:03}", mirrored=True)
            results += _results(count, plain, ours)
    return results


def _results(count: int, plain: Mapping[str, Crossed], ours: Mapping[str, Crossed]) -> list[Result]:
    users = f"{count} user{'s' if count > 1 else ''}"
    return [
        Result(
            "mirror",
            Metric(f"{users}: {part}", unit, more=False),
            {OURS: [getattr(ours[part], unit)], PLAIN: [getattr(cost, unit)]},
        )
        for part, cost in plain.items()
        for unit in ("bytes", "stanzas")
    ]


@asynccontextmanager
async def _clients(both: Pair, folder: Path) -> AsyncIterator[Remote]:
    """A process with the clients of this end's users."""
    server = both.raleigh.server
    socket = folder / "clients.sock"
    program = Program.start(
        [sys.executable, "-m", "bench.client", str(socket), str(server.c2s_port), server.domain],
        folder / "clients.log",
    )
    try:
        remote = await Remote.connect(socket)
        try:
            yield remote
        finally:
            await remote.close()
    finally:
        await program.end()
