"""A master and a mirror with a link between them that counts, and can be cut.

The master is a gateway on a stage, the mirror is the real one without a gateway around it. Who is
at the mirror's end reads and sends as people on a stage do.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from gateway.archive import Archive, Gaps
from gateway.config import parse
from gateway.database import Database
from gateway.errors import Refused
from gateway.group.host import Host
from gateway.group.rooms import Rooms
from gateway.ids import ids_of
from gateway.mirror.addresses import at_mirror, split
from gateway.mirror.mirror import Mirror, Terms
from gateway.muc.errors import error_stanza
from gateway.render.xml import serialised
from gateway.store import Store
from legacy_backend import Affiliation, GroupId, Member, MemberId, Role, UserId
from tests.stage import CONFIG, DOMAIN, Person, Stage, Wire, _parsed, on_wire

MIRROR = "mirror.raleigh.example"
RALEIGH = "raleigh.example"
FAIRFAX = "fairfax.example"
ALLOWED = ".*@(example[.]org|fairfax[.]example|raleigh[.]example)"


class Link:
    """What is between the two servers: counts what crosses, and whether anything does."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.up: list[ET.Element] = []
        self.down: list[ET.Element] = []
        self.bytes = 0
        self.broken = False
        self.silent = False
        """Whether what is lost comes back as an error; no error comes of a silent link."""
        self.loses: Callable[[ET.Element], bool] = lambda _: False
        """What is lost without a word, of a link that is up."""

    @property
    def stanzas(self) -> int:
        return len(self.up) + len(self.down)

    def forget(self) -> None:
        """Count from here."""
        self.up, self.down, self.bytes = [], [], 0

    def cross(self, stanza: ET.Element, towards: Any, back: Any, passed: list[ET.Element]) -> None:
        loop = asyncio.get_running_loop()
        if self.broken:
            if not self.silent and stanza.get("type") != "error":
                loop.call_soon(back, _bounce(stanza))
            return
        if self.loses(stanza):
            return
        passed.append(deepcopy(stanza))
        self.bytes += len(ET.tostring(stanza, "utf-8"))
        loop.call_soon(towards, stanza)


def _bounce(stanza: ET.Element) -> ET.Element:
    no = Refused("remote-server-not-found", "The link is down.")
    return _parsed(error_stanza(stanza, no, origin=stanza.get("to", ""), by=""))


class Raleigh:
    """The mirror's end, with the users whom it serves. `{room}` is how they address the room.

    What outlasts it is in a database of its own, which is opened and closed with the block.
    """

    def __init__(self, link: Link, database: Path, **terms: Any) -> None:
        self.link = link
        self.people: dict[str, Person] = {}
        self.wire = Wire()
        self.database = Database(f"sqlite:///{database}", durable=False)
        self._terms = terms

    async def __aenter__(self) -> Raleigh:
        await self.database.open()
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.database.close()

    async def start(self, *, forgets: bool = False) -> None:
        """The mirror as it is after a restart: with what it has kept, unless it `forgets` that."""
        store = Store(self.database)
        for row in await store.all_rooms() if forgets else ():
            await store.delete_room(row.id)
        host = Host(
            domain=MIRROR,
            ids=await ids_of(store),
            archive=Archive(self.database),
            gaps=Gaps(self.database),
            store=store,
            outbox=cast(Any, self),
        )
        await host.retention.load()
        rooms = Rooms(host)
        await rooms.load()
        terms = Terms(masters=frozenset({DOMAIN}), **self._terms)
        self.mirror = Mirror(rooms, terms, self._allows)

    def _allows(self, jid: str) -> bool:
        return jid.endswith(f"@{RALEIGH}")

    def write(self, data: bytes, _stanzas: int = 1) -> None:
        """Take what the mirror sends, as the way out."""
        found = Wire()
        found.write(data)
        for stanza in found.stanzas:
            if split(stanza.get("to", ""))[1] == DOMAIN:
                gateway = self.link.stage.gateway
                self.link.cross(stanza, gateway._spawn_event, self.mirror.takes, self.link.up)
            else:
                self.wire.write(serialised(stanza).encode())

    def hears(self, stanza: ET.Element) -> None:
        """A stanza of the master's, on its way."""
        gateway = self.link.stage.gateway
        self.link.cross(stanza, self._takes, gateway._spawn_event, self.link.down)

    def _takes(self, stanza: ET.Element) -> None:
        if not self.mirror.takes(stanza) and stanza.get("type") == "get":
            answer = f"<iq type='result' id='{stanza.get('id')}' to='{stanza.get('from')}'"
            self.write(f"{answer} from='{stanza.get('to')}'/>".encode())

    # As a stage for people

    @property
    def room(self) -> str:
        return self.mirror.local(self.link.stage.room)

    def filled(self, xml: str, **fields: str) -> str:
        known = {"room": self.room, "master": self.link.stage.room, "mirror": MIRROR}
        known |= {name: person.jid for name, person in self.people.items()}
        for name, value in {**known, **fields}.items():
            xml = xml.replace(f"{{{name}}}", escape(value, {"'": "&apos;", '"': "&quot;"}))
        return xml

    def feed(self, xml: str, sender: str, **fields: str) -> None:
        stanza = _parsed(self.filled(xml, **fields))
        stanza.set("from", sender)
        assert self.mirror.takes(stanza)

    def person(self, name: str, resource: str = "TransVerse") -> Person:
        key = name if resource == "TransVerse" else f"{name}/{resource}"
        stage: Any = self
        return self.people.setdefault(key, Person(stage, name, resource, RALEIGH))

    async def settled(self) -> None:
        for _ in range(3):
            await self.link.stage.settled()
            await self.database.drained(0)
            await asyncio.sleep(0.005)

    async def joined(self, *names: str) -> list[Person]:
        """Have some of the users join, and read what that tells."""
        people = [self.person(name) for name in names]
        for person in people:
            await person.joins(person.name.capitalize())
        for person in people:
            await person.has_heard()
        return people


def join_as(nick: str) -> str:
    """A client's join."""
    x = "<x xmlns='http://jabber.org/protocol/muc'/>"
    return f"<presence to='{{room}}/{nick}'>{x}</presence>"


def local_member(name: str, affiliation: str = "member", role: str = "") -> Member:
    """A member of the group who is a user at the mirror's end."""
    return Member(
        id=MemberId(name),
        name=name.capitalize(),
        affiliation=Affiliation[affiliation.upper()],
        role=Role[role.upper()] if role else None,
        user=UserId(f"{name}@{RALEIGH}"),
    )


def direct_member(name: str, affiliation: str = "member") -> Member:
    """A member of the group who is a user beside the master."""
    return Member(
        id=MemberId(name),
        name=name.capitalize(),
        affiliation=Affiliation[affiliation.upper()],
        user=UserId(f"{name}@{FAIRFAX}"),
    )


class World:
    """Both ends: `fairfax` is the master's stage, `raleigh` is the mirror's end."""

    def __init__(self, fairfax: Stage, raleigh: Raleigh, link: Link) -> None:
        self.fairfax = fairfax
        self.raleigh = raleigh
        self.link = link

    def group(self, *members: Member, **config: Any) -> None:
        group: dict[str, Any] = {"members_only": False, **config}
        self.fairfax.network.has_group(GroupId("g1"), *members, **group)

    async def direct(self, *names: str) -> list[Person]:
        """Have people beside the master join, and read what that tells."""
        people = [self.fairfax.person(name, domain=FAIRFAX) for name in names]
        for person in people:
            await person.joins(person.name.capitalize())
        await self.settled()
        for person in people:
            await person.has_heard()
        return people

    async def settled(self) -> None:
        await self.raleigh.settled()

    def puppet(self, name: str, resource: str = "TransVerse") -> str:
        """How the master addresses a user of the mirror's."""
        return at_mirror(f"{name}@{RALEIGH}/{resource}", MIRROR)


@asynccontextmanager
async def linked(folder: Path, database: Path, **terms: Any) -> AsyncIterator[World]:
    """A master that trusts the mirror, and the mirror."""
    more = f'[mirrors]\ntrusted = {{"{MIRROR}" = ["{RALEIGH}"]}}\n'
    network = 'backend = "tests.fake_network:FakeNetwork"'
    text = CONFIG.format(domain=DOMAIN, folder=folder, network=network, more=more)
    text = re.sub("(?m)^allowed = .*", f"allowed = '{ALLOWED}'", text)
    config = parse(text, folder / "config.toml", {})
    async with on_wire(config, folder, database) as (gateway, wire):
        stage = Stage(gateway, wire)
        link = Link(stage)
        kept = folder / "raleigh.sqlite"
        if not kept.exists():
            shutil.copy(database, kept)
        async with Raleigh(link, kept, **terms) as raleigh:
            _connect(wire, raleigh)
            stage.network.obeys("send", "change_nick", "join_group")
            yield World(stage, raleigh, link)


def _connect(wire: Wire, raleigh: Raleigh) -> None:
    """Have what the master sends to the mirror's domain go over the link."""
    plain = wire.write
    passed = 0

    def write(data: bytes) -> None:
        nonlocal passed
        plain(data)
        for stanza in wire.stanzas[passed:]:
            if split(stanza.get("to", ""))[1] == MIRROR:
                raleigh.hears(deepcopy(stanza))
        passed = len(wire.stanzas)

    wire.write = write  # type: ignore[method-assign]
