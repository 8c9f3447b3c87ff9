"""The XMPP clients of the benchmark, in one process: `python -m bench.client SOCKET PORT [DOMAIN]`.

Each seat is a connection to the server. What arrives is only counted and timed; the driver asks
for it over the socket. Sums are of what the clients really received.
"""

from __future__ import annotations

import array
import asyncio
import base64
import contextlib
import itertools
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from bench import rpc
from bench.parse import Stanza, StreamParser
from bench.prosody import DOMAIN, PASSWORD

STREAM = (
    "<?xml version='1.0'?><stream:stream to='{domain}' version='1.0' xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams'>"
)


class Refused(Exception):
    """The answer was an error stanza."""


@dataclass
class Tally:
    """One seat's messages of one run: their numbers in the order they came, and when."""

    numbers: array.array[int] = field(default_factory=lambda: array.array("l"))
    delays: array.array[float] = field(default_factory=lambda: array.array("d"))
    last: float = 0.0


@dataclass
class Joining:
    """A join under way; over when the subject came, which ends it (XEP-0045 §7.1)."""

    room: str
    over: asyncio.Future[float]
    nicks: set[str] = field(default_factory=set)
    seated: bool = False


class Seat(asyncio.Protocol):
    """A connected client of one account."""

    def __init__(self, name: str, domain: str = DOMAIN) -> None:
        self.name = name
        self.domain = domain
        self.jid = ""
        self.tallies: dict[str, Tally] = {}
        self.joining: Joining | None = None
        self.available: set[str] = set()
        self.here: dict[str, set[str]] = {}
        self.shown: Counter[str] = Counter()
        """Presences of occupants who are there, by room."""
        self._iqs: dict[str, asyncio.Future[Stanza]] = {}
        self._ids = itertools.count()
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(cls, name: str, port: int, domain: str = DOMAIN) -> Seat:
        loop = asyncio.get_running_loop()
        _, seat = await loop.create_connection(lambda: cls(name, domain), "127.0.0.1", port)
        await seat._ready
        bound = await seat.iq("set", "", "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>")
        seat.jid = bound.texts["jid"]
        seat.write("<presence/>")
        return seat

    def write(self, xml: str) -> None:
        self._transport.write(xml.encode())

    def close(self) -> None:
        self.write("</stream:stream>")
        self._transport.close()

    async def iq(self, type_: str, to: str, payload: str, *, within: float = 30) -> Stanza:
        """Ask `to`, or one's own server if "", and return the result.

        Raises Refused for an error, TimeoutError after `within` seconds.
        """
        number = f"iq{next(self._ids)}"
        future: asyncio.Future[Stanza] = asyncio.get_running_loop().create_future()
        self._iqs[number] = future
        address = f" to={quoteattr(to)}" if to else ""
        self.write(f"<iq type='{type_}' id='{number}'{address}>{payload}</iq>")
        try:
            async with asyncio.timeout(within):
                answer = await future
        finally:
            del self._iqs[number]
        if answer.type == "error":
            raise Refused(f"{self.jid} asked {to}: {' '.join(sorted(answer.names))}")
        return answer

    # What arrives.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._socket = transport.get_extra_info("socket")
        self._open(self._authenticate)

    def _open(self, on_stanza: Any) -> None:
        self._parser = StreamParser(on_stanza)
        self.write(STREAM.format(domain=self.domain))

    def data_received(self, data: bytes) -> None:
        # Prosody holds a short packet back until the one before is acknowledged (Nagle), which a
        # client on the same machine would put off for 40 ms.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        self._parser.feed(data)

    def connection_lost(self, exc: Exception | None) -> None:
        lost = ConnectionError(f"{self.name} lost its connection: {exc}")
        waiting: list[asyncio.Future[Any]] = [self._ready, *self._iqs.values()]
        if self.joining:
            waiting.append(self.joining.over)
        for future in waiting:
            if not future.done():
                future.set_exception(lost)

    def _authenticate(self, stanza: Stanza) -> None:
        if stanza.name == "stream:features":
            plain = base64.b64encode(f"\0{self.name}\0{PASSWORD}".encode()).decode()
            self.write(
                f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>"
            )
        elif stanza.name == "success":
            self._open(self._arrived)
        else:
            self._ready.set_exception(Refused(f"{self.name} may not log in: {stanza.names}"))

    def _arrived(self, stanza: Stanza) -> None:
        if stanza.name == "message":
            self._message(stanza)
        elif stanza.name == "presence":
            self._presence(stanza)
        elif stanza.name == "iq":
            self._iq(stanza)
        elif stanza.name == "stream:features":
            self._ready.set_result(None)

    def _message(self, stanza: Stanza) -> None:
        if stanza.type != "groupchat":
            return
        if body := stanza.texts.get("body"):
            now = time.monotonic()
            run, number, sent, _ = body.split(" ", 3)
            tally = self.tallies.get(run)
            if tally is None:
                tally = self.tallies[run] = Tally()
            tally.numbers.append(int(number))
            tally.delays.append(now - float(sent))
            tally.last = now
        elif "subject" in stanza.names and (joining := self.joining):
            from_room = stanza.sender.partition("/")[0] == joining.room
            if from_room and not joining.over.done():
                joining.over.set_result(time.monotonic())

    def _presence(self, stanza: Stanza) -> None:
        room, _, nick = stanza.sender.partition("/")
        if nick and not stanza.type:
            self.shown[room] += 1
            self.here.setdefault(room, set()).add(nick)
        elif nick and stanza.type == "unavailable":
            self.here.setdefault(room, set()).discard(nick)
        if self.joining and room == self.joining.room:
            if stanza.type == "error":
                if not self.joining.over.done():
                    self.joining.over.set_exception(Refused(f"join: {sorted(stanza.names)}"))
            elif nick and not stanza.type:
                self.joining.nicks.add(nick)
                self.joining.seated = self.joining.seated or "110" in stanza.codes
        elif not stanza.type:
            self.available.add(room)

    def _iq(self, stanza: Stanza) -> None:
        number = stanza.attrs.get("id", "")
        if stanza.type in ("result", "error"):
            future = self._iqs.get(number)
            if future and not future.done():
                future.set_result(stanza)
        else:
            self.write(
                f"<iq type='error' id={quoteattr(number)} to={quoteattr(stanza.sender)}>"
                "<error type='cancel'><service-unavailable "
                "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            )


class Clients:
    """What the driver can have the clients do."""

    def __init__(self, port: int, domain: str = DOMAIN) -> None:
        self.port = port
        self.domain = domain
        self.seats: dict[str, Seat] = {}

    async def do_connect(self, names: list[str]) -> list[str]:
        """Log in; the full JIDs."""
        for some in _by_twenty(names):
            connecting = (Seat.connect(name, self.port, self.domain) for name in some)
            seats = await asyncio.gather(*connecting)
            self.seats |= {seat.name: seat for seat in seats}
        return [self.seats[name].jid for name in names]

    async def do_answers(self, name: str, jid: str) -> bool:
        """Whether `jid` answers a disco query at all, with an error of its own or a result."""
        query = "<query xmlns='http://jabber.org/protocol/disco#info'/>"
        with contextlib.suppress(Refused, TimeoutError):
            await self.seats[name].iq("get", jid, query, within=5)
            return True
        return False

    async def do_register(self, names: list[str], gateway: str) -> None:
        query = "<query xmlns='jabber:iq:register'/>"
        for name in names:
            await self.seats[name].iq("set", gateway, query, within=120)

    async def do_join(self, name: str, room: str) -> dict[str, Any]:
        """Join without history; seconds until the subject, and whom the room showed.

        The nickname is the account's name, which slidge gives its users anyway.
        """
        seat = self.seats[name]
        seat.here.pop(room, None)
        joining = seat.joining = Joining(room, asyncio.get_running_loop().create_future())
        started = time.monotonic()
        seat.write(
            f"<presence to={quoteattr(f'{room}/{name}')} id='join'>"
            "<x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>"
        )
        ended = await joining.over
        seat.joining = None
        return {
            "seconds": ended - started,
            "occupants": len(joining.nicks),
            "seated": joining.seated,
        }

    async def do_leave(self, name: str, room: str) -> None:
        """Leave. Nobody need confirm it: slidge does not."""
        self.seats[name].write(f"<presence type='unavailable' to={quoteattr(f'{room}/{name}')}/>")

    async def do_here(self, name: str, room: str) -> int:
        """How many occupants a client sees in a room."""
        return len(self.seats[name].here.get(room, ()))

    async def do_looks(self, name: str, room: str, status: str) -> None:
        """Tell a room how somebody is."""
        to = quoteattr(f"{room}/{name}")
        self.seats[name].write(f"<presence to={to}><status>{status}</status></presence>")

    async def do_shown(self, names: list[str], room: str, count: int) -> int:
        """Wait until the room has shown each of these seats so many presences since it was last
        asked; the fewest that any has."""
        seats = [self.seats[name] for name in names]
        until = time.monotonic() + 30
        while (fewest := min(seat.shown[room] for seat in seats)) < count:
            if time.monotonic() > until:
                break
            await asyncio.sleep(0.02)
        for seat in seats:
            seat.shown[room] = 0
        return fewest

    async def do_received(
        self, run: str, count: int, idle: float = 20, names: list[str] | None = None
    ) -> dict[str, Any]:
        """Wait until every seat, or those of some names, has `count` messages of `run`, or none
        came for `idle` seconds.

        `last` is when the last one came. Numbers that came out of order are counted as those
        smaller than the one before.
        """
        seats = [self.seats[name] for name in (self.seats if names is None else names)]
        tallies = [seat.tallies.setdefault(run, Tally()) for seat in seats]
        before, since = -1, time.monotonic()
        while any(len(tally.numbers) < count for tally in tallies):
            now, total = time.monotonic(), sum(len(tally.numbers) for tally in tallies)
            if total != before:
                before, since = total, now
            elif now - since > idle:
                break
            await asyncio.sleep(0.02)
        for seat in seats:
            del seat.tallies[run]
        return {
            "received": sum(len(tally.numbers) for tally in tallies),
            "distinct": sum(len(set(tally.numbers)) for tally in tallies),
            "disordered": sum(
                after < earlier
                for tally in tallies
                for earlier, after in itertools.pairwise(tally.numbers)
            ),
            "last": max(tally.last for tally in tallies),
            "delays": sorted(delay for tally in tallies for delay in tally.delays),
        }

    async def do_send(
        self, name: str, room: str, run: str, count: int, first: int = 0
    ) -> dict[str, float]:
        """Send `count` messages to the room, as fast as the connection takes them, numbered from
        `first` on."""
        seat = self.seats[name]
        to = quoteattr(room)
        started = time.monotonic()
        for number in range(first, first + count):
            seat.write(
                f"<message type='groupchat' to={to} id='{run}-{number}'>"
                f"<body>{run} {number} {time.monotonic():.6f} how do you do</body></message>"
            )
            if number % 50 == 49:
                await asyncio.sleep(0)
        return {"started": started}


def _by_twenty(names: list[str]) -> Iterator[list[str]]:
    return (names[start : start + 20] for start in range(0, len(names), 20))


async def main(socket: Path, port: int, domain: str = DOMAIN) -> None:
    async with await rpc.serve(socket, Clients(port, domain)) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:4]))
