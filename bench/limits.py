"""What everything around the gateway can take, measured without a gateway.

A figure of an engine near one of these says nothing about the engine any more.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.client import Joining, Seat, Tally
from bench.parse import StreamParser
from bench.processes import Program
from bench.prosody import SECRET, Prosody
from bench.rpc import Remote
from bench.words import WORDS

COUNT = 20_000
SLIXMPP_COUNT = 4_000

# A group message with what either engine puts on one.
MESSAGE = (
    "<message type='groupchat' from='limit@{sender}/member 00001' to='{to}' id='{run}-{number}'>"
    "<body>{run} {number} {now:.6f} " + WORDS + "</body>"
    "<active xmlns='http://jabber.org/protocol/chatstates'/>"
    "<markable xmlns='urn:xmpp:chat-markers:0'/>"
    "<stanza-id xmlns='urn:xmpp:sid:0' by='limit@{sender}' id='message-{number}'/>"
    "<occupant-id xmlns='urn:xmpp:occupant-id:0' id='id-of-member-00001'/></message>"
)

PRESENCE = (
    "<presence from='limit@{sender}/member {number:05}' to='{to}'>"
    "<x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='member' role='participant'/>"
    "</x><occupant-id xmlns='urn:xmpp:occupant-id:0' id='id-of-member-{number:05}'/></presence>"
)
SUBJECT = "<message type='groupchat' from='limit@{sender}' to='{to}'><subject>-</subject></message>"
OCCUPANTS = 2_000


class Component(asyncio.Protocol):
    """An XEP-0114 component that writes ready bytes, and counts the messages it gets."""

    def __init__(self, jid: str) -> None:
        self.jid = jid
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._missing = 0
        self._complete: asyncio.Future[float] | None = None
        self._tail = b""

    @classmethod
    async def connect(cls, jid: str, port: int) -> Component:
        loop = asyncio.get_running_loop()
        _, component = await loop.create_connection(lambda: cls(jid), "127.0.0.1", port)
        async with asyncio.timeout(10):
            await component.ready
        return component

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport
        transport.write(
            f"<stream:stream xmlns='jabber:component:accept' to='{self.jid}' "
            "xmlns:stream='http://etherx.jabber.org/streams'>".encode()
        )

    def data_received(self, data: bytes) -> None:
        if not self.ready.done():
            self._shake_hands(data)
            return
        if self._complete is None or self._complete.done():
            return
        window = self._tail + data
        self._missing -= window.count(b"</message>")
        if self._missing <= 0:
            self._complete.set_result(time.monotonic())
        # An end tag may be cut; one that is whole must not be counted again.
        cut = window.rfind(b"</message>")
        self._tail = window[-9:] if cut < 0 else window[max(cut + 10, len(window) - 9) :]

    def _shake_hands(self, data: bytes) -> None:
        if found := re.search(rb"<stream:stream[^>]*\bid=['\"]([^'\"]+)", data):
            proof = hashlib.sha1(found[1] + SECRET.encode()).hexdigest()
            self.transport.write(f"<handshake>{proof}</handshake>".encode())
        elif b"<handshake" in data:
            self.ready.set_result(None)

    def expect(self, count: int) -> asyncio.Future[float]:
        """When the next `count` messages will have come."""
        self._missing = count
        self._tail = b""
        self._complete = asyncio.get_running_loop().create_future()
        return self._complete

    def show_room(self, to: str) -> None:
        """Write what somebody sees who joins a room of OCCUPANTS."""
        fill = PRESENCE.format
        self.transport.write(
            "".join(
                [fill(sender=self.jid, to=to, number=n) for n in range(OCCUPANTS)]
                + [SUBJECT.format(sender=self.jid, to=to)]
            ).encode()
        )

    def write(self, to: str, run: str, count: int) -> None:
        fill = MESSAGE.format
        now = time.monotonic()
        self.transport.write(
            "".join(
                fill(sender=self.jid, to=to, run=run, number=number, now=now)
                for number in range(count)
            ).encode()
        )


async def measure(prosody: Prosody, jid: str, folder: Path, repeat: int) -> dict[str, list[float]]:
    """Stanzas per second of each link of the chain, by its name."""
    await prosody.add_accounts(["limit"])
    component = await Component.connect(jid, prosody.component_port)
    links: dict[str, Callable[[], Awaitable[float]]] = {
        "bytes through the reader alone": parsed,
        "component, Prosody, reader": lambda: outward(component, prosody, folder, "client"),
        "component, Prosody, slixmpp client": lambda: outward(
            component, prosody, folder, "slixmpp_client"
        ),
        "client, Prosody, component": lambda: inward(component, prosody),
        f"{OCCUPANTS} occupants: component, Prosody, reader": lambda: shown(component, prosody),
    }
    try:
        return {name: [await link() for _ in range(repeat)] for name, link in links.items()}
    finally:
        component.transport.close()


async def parsed() -> float:
    """The measuring client's parser and counting, fed from memory in pieces of a socket's size."""
    seat = Seat("limit")
    parser = StreamParser(seat._arrived)
    fill = MESSAGE.format
    data = "<stream>" + "".join(
        fill(sender="a", to="b", run="r", number=n, now=0.0) for n in range(COUNT)
    )
    raw = data.encode()
    started = time.monotonic()
    for at in range(0, len(raw), 65536):
        parser.feed(raw[at : at + 65536])
    seconds = time.monotonic() - started
    assert len(seat.tallies.pop("r", Tally()).numbers) == COUNT
    seat._ready.cancel()
    return COUNT / seconds


async def outward(component: Component, prosody: Prosody, folder: Path, client: str) -> float:
    count = COUNT if client == "client" else SLIXMPP_COUNT
    socket = folder / f"{client}.sock"
    socket.unlink(missing_ok=True)
    program = Program.start(
        [sys.executable, "-m", f"bench.{client}", str(socket), str(prosody.c2s_port)],
        folder / f"{client}.log",
    )
    remote = await Remote.connect(socket)
    try:
        jids = await remote.do("connect", names=["limit"])
        started = time.monotonic()
        component.write(jids[0], "limit", count)
        received = await remote.do("received", run="limit", count=count)
        if received["distinct"] != count or received["received"] != count:
            raise RuntimeError(f"Prosody passed on {received['received']} messages of {count}")
        return count / float(received["last"] - started)
    finally:
        await remote.close()
        await program.end()


async def inward(component: Component, prosody: Prosody) -> float:
    seat = await Seat.connect("limit", prosody.c2s_port)
    done = component.expect(COUNT)
    message = f"<message type='groupchat' to='limit@{component.jid}'><body>{WORDS}</body></message>"
    started = time.monotonic()
    seat.write(message * COUNT)
    async with asyncio.timeout(60):
        ended = await done
    seat.close()
    return COUNT / (ended - started)


async def shown(component: Component, prosody: Prosody) -> float:
    seat = await Seat.connect("limit", prosody.c2s_port)
    room = f"limit@{component.jid}"
    over: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    joining = seat.joining = Joining(room, over)
    started = time.monotonic()
    component.show_room(seat.jid)
    async with asyncio.timeout(60):
        ended = await over
    seat.close()
    if len(joining.nicks) != OCCUPANTS:
        raise RuntimeError(f"Prosody passed on {len(joining.nicks)} occupants of {OCCUPANTS}")
    return OCCUPANTS / (ended - started)


def as_json(found: dict[str, list[float]]) -> str:
    """One object a line, as for a scenario, but with a `value` instead of two engines'."""
    return "\n".join(
        json.dumps(
            {
                "scenario": "limit",
                "metric": name,
                "unit": "stanzas/s",
                "sluice": None,
                "peer": None,
                "ratio": None,
                "value": round(statistics.median(values)),
            }
        )
        for name, values in found.items()
    )


def as_table(found: dict[str, list[float]]) -> str:
    width = max(map(len, found))
    return "\n".join(
        f"limit: {name:{width}}  {statistics.median(values):>9,.0f} stanzas/s  "
        f"({min(values):,.0f}-{max(values):,.0f})"
        for name, values in found.items()
    )
