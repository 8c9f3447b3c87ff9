"""A gateway on a stage: people send XML, and read what comes back, without a server.

The gateway is the real one, with a real database; only the stream to the server is the test's.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import sqlite3
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from conformance.client import PATIENCE
from gateway.config import Config, parse
from gateway.config.for_slidge import tell_slidge
from gateway.migrate import migrate
from gateway.run import running
from gateway.slidge_tables import migrate_slidge
from gateway.slidge_users import all_users
from legacy_backend import Affiliation, GroupId, Member, MemberId, Role, UserId
from tests.fake_network import FakeNetwork

DOMAIN = "gw.example.org"
NS = "jabber:component:accept"
CONTACT = re.compile(r"\{@(\w+)\}")


class Wire:
    """The server's end of the stream: takes bytes, hands out stanzas."""

    def __init__(self) -> None:
        self._parser = ET.XMLPullParser(("start", "end"))
        self._parser.feed(f"<stream xmlns='{NS}'>")
        self._depth = 0
        self.stanzas: list[ET.Element] = []
        self.longest = 0
        """Most bytes that were ever written in one go, which is no less than the longest stanza."""
        self.news = asyncio.Event()

    def write(self, data: bytes) -> None:
        self.longest = max(self.longest, len(data))
        self._parser.feed(data)
        for event, element in self._parser.read_events():
            self._depth += 1 if event == "start" else -1
            if event == "end" and self._depth == 1:
                self.stanzas.append(element)
                self.news.set()

    def get_write_buffer_size(self) -> int:
        return 0

    def close(self) -> None:
        pass

    def abort(self) -> None:
        pass


class Person:
    """Somebody with an XMPP client. `jid` is full."""

    def __init__(self, stage: Stage, name: str, resource: str, domain: str) -> None:
        self.stage = stage
        self.name = name
        self.jid = f"{name}@{domain}/{resource}"
        self._read = 0

    def sends(self, xml: str, **fields: str) -> None:
        """Send a stanza; `{room}` and the like are filled in, `from` is their own JID."""
        self.stage.feed(xml, self.jid, **fields)

    @property
    def bare(self) -> str:
        return self.jid.partition("/")[0]

    def _inbox(self) -> list[ET.Element]:
        """What their server delivers to this client, but for what the component itself says."""
        return [
            s
            for s in self.stage.wire.stanzas
            if s.get("to") == self.jid or (s.get("to") == self.bare and "@" in s.get("from", ""))
        ]

    async def receives(self, *expected: str, **fields: str) -> list[ET.Element]:
        """Wait for these stanzas, in this order; others in between are skipped."""
        return [await self._next(self.stage.filled(xml, **fields)) for xml in expected]

    async def hears_only(self, *expected: str, **fields: str) -> list[ET.Element]:
        """Once all that is under way is there: these stanzas, in this order, and no others."""
        heard = await self.has_heard()
        told = "\n".join(_text(stanza) for stanza in heard) or "nothing"
        assert len(heard) == len(expected), f"{self.name} heard {len(heard)} stanzas:\n{told}"
        for stanza, xml in zip(heard, expected, strict=True):
            wanted = _parsed(self.stage.filled(xml, **fields))
            assert matches(stanza, wanted), f"wanted\n{textwrap.dedent(xml)}\nbut:\n{told}"
        return heard

    async def _next(self, xml: str) -> ET.Element:
        wanted = _parsed(xml)

        async def look() -> ET.Element:
            while True:
                inbox = self._inbox()
                for index in range(self._read, len(inbox)):
                    if matches(inbox[index], wanted):
                        self._read = index + 1
                        return inbox[index]
                self.stage.wire.news.clear()
                await self.stage.wire.news.wait()

        try:
            return await asyncio.wait_for(look(), PATIENCE)
        except TimeoutError:
            rest = "\n".join(_text(s) for s in self._inbox()[self._read :])
            raise AssertionError(
                f"{self.name} did not receive\n{textwrap.dedent(xml)}\nbut:\n{rest}"
            ) from None

    async def hears_nothing(self) -> None:
        """Everything that is under way gets where it is going, and nothing comes."""
        await self.stage.settled()
        rest = self._inbox()[self._read :]
        assert not rest, f"{self.name} heard\n" + "\n".join(_text(s) for s in rest)

    async def has_heard(self) -> list[ET.Element]:
        """Whatever has come and was not read, once all that is under way is there."""
        await self.stage.settled()
        inbox = self._inbox()
        rest, self._read = inbox[self._read :], len(inbox)
        return rest

    async def joins(self, nick: str | None = None, room: str = "{room}", x: str = "") -> None:
        """Enter a room, and read everything up to the subject."""
        self.sends(
            f"<presence to='{room}/{nick or self.name}' id='join'>"
            f"<x xmlns='http://jabber.org/protocol/muc'>{x}</x></presence>"
        )
        await self.receives("<presence><x xmlns='http://jabber.org/protocol/muc#user'>"
                            "<status code='110'/></x></presence>",
                            "<message type='groupchat'><subject/></message>")  # fmt: skip


class Stage:
    """The gateway, its network, and one group called g1."""

    def __init__(self, gateway: Any, wire: Wire) -> None:
        self.gateway = gateway
        self.network: FakeNetwork = gateway.backend
        self.wire = wire
        self.people: dict[str, Person] = {}
        self.at_work = 0
        self.count_work()

    @property
    def room(self) -> str:
        return f"g1@{DOMAIN}"

    def filled(self, xml: str, **fields: str) -> str:
        known = {"room": self.room, "gw": DOMAIN}
        known |= {name: person.jid for name, person in self.people.items()}
        xml = CONTACT.sub(lambda match: escape(self.contact(match[1])), xml)
        for name, value in {**known, **fields}.items():
            xml = xml.replace(f"{{{name}}}", escape(value, {"'": "&apos;", '"': "&quot;"}))
        return xml

    def contact(self, member: str) -> str:
        """The bare JID of somebody's contact; `{@CYD}` in XML is that of CYD."""
        return f"{self.gateway.rooms.host.addresses.localpart(MemberId(member))}@{DOMAIN}"

    def feed(self, xml: str, sender: str, **fields: str) -> None:
        element = _parsed(self.filled(xml, **fields))
        element.set("from", sender)
        self.gateway._spawn_event(element)

    def person(self, name: str, resource: str = "phone", *, domain: str = "example.org") -> Person:
        key = name if resource == "phone" else f"{name}/{resource}"
        return self.people.setdefault(key, Person(self, name, resource, domain))

    def group(self, *members: str, id: str = "g1", **config: Any) -> None:
        """Have a group; members are "name", "name:affiliation" or "name:affiliation:role".

        A name in capitals is somebody of the network, without an XMPP account.
        """
        self.network.has_group(GroupId(id), *(member(text) for text in members), **config)

    async def seated(self, *members: str, but: str = "", **config: Any) -> list[Person]:
        """Have the group g1 with these members, those with XMPP accounts (`but` one) joined, and
        all of it read."""
        self.group(*members, **config)
        people = []
        for text in members:
            name = text.partition(":")[0]
            if name.islower() and name != but:
                person = self.person(name)
                await person.joins()
                people.append(person)
        for person in people:
            await person.has_heard()
        return people

    async def starts(self) -> None:
        """Log in all who are registered, as when the server has accepted the gateway."""
        users = await asyncio.to_thread(all_users, self.gateway.store)
        await self.gateway.log_in_all(users)

    def refills_nothing(self) -> None:
        """Nobody gets any of their rates back from now on."""
        now = self.gateway.rates.clock()
        self.gateway.rates.clock = lambda: now

    async def settled(self) -> None:
        """Return when nothing is under way any more inside the gateway.

        What waits for an answer of the network's goes on waiting.
        """
        loop: Any = asyncio.get_running_loop()
        database = self.gateway.rooms.host.archive._db
        quiet = 0
        while quiet < 3:
            await asyncio.sleep(0)
            quiet = quiet + 1 if not loop._ready else 0
            if self.at_work or database._waiting:
                await asyncio.sleep(0.001)
                quiet = 0

    def count_work(self) -> None:
        """Keep count of what is done in other threads from now on."""
        loop: Any = asyncio.get_running_loop()
        run = loop.run_in_executor

        def counted(executor: Any, function: Any, *args: Any) -> asyncio.Future[Any]:
            future: asyncio.Future[Any] = run(executor, function, *args)
            self.at_work += 1
            future.add_done_callback(self._one_less)
            return future

        loop.run_in_executor = counted

    def _one_less(self, _: asyncio.Future[Any]) -> None:
        self.at_work -= 1


def member(text: str) -> Member:
    """A member from "name", "name:affiliation" or "name:affiliation:role"."""
    name, affiliation, role = (*text.split(":"), "", "")[:3]
    return Member(
        id=MemberId(name),
        name=name,
        affiliation=Affiliation[affiliation.upper()] if affiliation else Affiliation.MEMBER,
        role=Role[role.upper()] if role else None,
        user=UserId(f"{name}@example.org") if name.islower() else None,
    )


def matches(found: ET.Element, wanted: ET.Element) -> bool:
    """Whether `found` has all that `wanted` has: name, attributes, text, children in order."""
    if found.tag != wanted.tag:
        return False
    if any(found.get(name) != value for name, value in wanted.attrib.items()):
        return False
    text = (wanted.text or "").strip()
    if text and (found.text or "").strip() != text:
        return False
    children = iter(found)
    return all(any(matches(child, want) for child in children) for want in wanted)


def _parsed(xml: str) -> ET.Element:
    element = ET.fromstring(xml)
    _namespaced(element, NS)
    return element


def _namespaced(element: ET.Element, namespace: str) -> None:
    """Put what has no namespace into the one of its parent."""
    if not element.tag.startswith("{"):
        element.tag = f"{{{namespace}}}{element.tag}"
    own = element.tag[1:].partition("}")[0]
    for child in element:
        _namespaced(child, own)


def _text(element: ET.Element) -> str:
    return ET.tostring(element, encoding="unicode")


CONFIG = """
[xmpp]
jid = "{domain}"
secret = "secret"
ping_seconds = 0
[database]
url = "sqlite:///{folder}/sluice.sqlite"
durable = false
[network]
{network}
[users]
allowed = '.*@example[.]org'
auto_register = true
[files]
folder = "{folder}/files"
{more}
"""


def configured(
    folder: Path, network: str = "FakeNetwork", more: str = "", *, plugin: str = "", url: str = ""
) -> Config:
    """A configuration with everything in a folder; `more` are further lines of TOML, `plugin` is
    one of slidge's, instead of the network: a class of `tests.fake_network`, or module:Class.
    `url` is of a database elsewhere."""
    backend = network if ":" in network else f"tests.fake_network:{network}"
    served = f'plugin = "{plugin}"' if plugin else f'backend = "{backend}"'
    text = CONFIG.format(domain=DOMAIN, folder=folder, network=served, more=more)
    if url:
        text = text.replace(f"sqlite:///{folder}/sluice.sqlite", url)
    return parse(text, folder / "config.toml", {})


def make_database(folder: Path) -> Path:
    """A database that is up to date and empty, to be copied."""
    config = configured(folder)
    tell_slidge(config)
    migrate(config.database.url)
    migrate_slidge(config.database.url)
    whole = folder / "whole.sqlite"
    with contextlib.closing(sqlite3.connect(folder / "sluice.sqlite")) as connection:
        connection.execute("VACUUM INTO ?", (str(whole),))
    return whole


@asynccontextmanager
async def on_stage(
    folder: Path, database: Path, *, network: str = "FakeNetwork", more: str = ""
) -> AsyncIterator[Stage]:
    """A gateway in a folder, connected to the test; `database` is copied if there is none yet."""
    async with on_wire(configured(folder, network, more), folder, database) as (gateway, wire):
        yield Stage(gateway, wire)


@asynccontextmanager
async def on_wire(config: Config, folder: Path, database: Path) -> AsyncIterator[tuple[Any, Wire]]:
    """A gateway, and the server's end of its stream."""
    tell_slidge(config)
    await asyncio.to_thread(_furnish, config, folder, database)
    async with running(config, dial=False) as gateway:
        wire = Wire()
        gateway.transport = wire
        gateway.outbox.connected(wire)
        gateway._greeted = True
        gateway.starting = False
        gateway._session_started = True
        slixmpps_own = asyncio.create_task(gateway.run_filters())
        try:
            yield gateway, wire
        finally:
            slixmpps_own.cancel()
            gateway.transport = None


def _furnish(config: Config, folder: Path, database: Path) -> None:
    config.files.folder.mkdir(parents=True, exist_ok=True)
    own = folder / "sluice.sqlite"
    if not own.exists():
        shutil.copy(database, own)
