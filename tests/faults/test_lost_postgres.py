"""PostgreSQL goes away while people talk: they are told, the rest goes on, and nothing is lost."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from slidge.core import config
from slixmpp import JID

from gateway.errors import DATABASE_AWAY
from gateway.store import Store
from gateway.trouble import TEXT
from legacy_backend.events import MemberChanged
from tests.fake_network import FakeNetwork
from tests.faults.test_full_database import presence
from tests.muc.conftest import database, network
from tests.muc.saying import G1, heard
from tests.postgres import Postgres, find_programs
from tests.stage import CONFIG, DOMAIN, Stage, configured, member, on_wire

__all__ = ["database", "network"]

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def cluster() -> Iterator[Postgres]:
    """A PostgreSQL of these tests' own, to be stopped and started."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: no initdb in PATH or /usr/lib/postgresql")
    with tempfile.TemporaryDirectory(prefix="sluice-pg-") as folder:
        cluster = Postgres(programs, Path(folder))
        cluster.start()
        yield cluster
        cluster.stop()


@pytest.fixture(scope="module")
def template(cluster: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with all tables and nothing in them."""
    folder = tmp_path_factory.mktemp("template")
    url = cluster.make()
    (folder / "config.toml").write_text(
        CONFIG.format(domain=DOMAIN, folder=folder, network='backend = "webchat"', more="").replace(
            f"sqlite:///{folder}/sluice.sqlite", url
        )
    )
    # in a process of its own: slidge leaves connections open, and a template may have none
    subprocess.run(
        [sys.executable, "-m", "gateway", "migrate", "-c", folder / "config.toml"],
        check=True,
        cwd=Path(__file__).parents[2],
    )
    return url.partition("?")[0].rpartition("/")[2]


@pytest.fixture
async def stage(
    tmp_path: Path,
    database: Path,
    cluster: Postgres,
    template: str,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Stage]:
    """A gateway on it, impatient, which ada runs."""
    monkeypatch.setattr("gateway.trouble.LOOKS_SECONDS", 0.02)
    monkeypatch.setattr("gateway.trouble.LASTING_SECONDS", 0.05)
    monkeypatch.setattr("gateway.group.live.LOOKS_SECONDS", 0.02)
    monkeypatch.setattr("gateway.group.keeping.AGAIN_SECONDS", 0.1)
    monkeypatch.setattr("gateway.database.database.PATIENCE", 0.3)
    monkeypatch.setattr("gateway.database.writer.WAITED_OUT", 0.3)
    monkeypatch.setattr("gateway.database.writer.LONGEST_PAUSE", 0.1)
    own = configured(tmp_path, url=await asyncio.to_thread(cluster.make, template))
    async with on_wire(own, tmp_path, database) as (gateway, wire):
        monkeypatch.setattr(config, "ADMINS", (JID("ada@example.org"),))
        yield Stage(gateway, wire)


@asynccontextmanager
async def away(stage: Stage, cluster: Postgres) -> AsyncIterator[None]:
    """PostgreSQL is stopped while the block runs, and users are told so before, and of its end."""
    await asyncio.to_thread(cluster.stop)
    try:
        await stage.network.tells(heard(stage.network, "CYD", "Said meanwhile"))
        await presence(stage, troubled=True)
        yield
    finally:
        await asyncio.to_thread(cluster.start)
    await presence(stage, troubled=False)


REFUSED = {
    "a message": "<message to='{room}' type='groupchat' id='x'><body>Hello</body></message>",
    "a subject": "<message to='{room}' type='groupchat' id='x'><subject>Tea</subject></message>",
    "a reaction": "<message to='{room}' type='groupchat' id='x'>"
    "<reactions id='m' xmlns='urn:xmpp:reactions:0'><reaction>A</reaction></reactions></message>",
    "a retraction": "<message to='{room}' type='groupchat' id='x'>"
    "<retract id='m' xmlns='urn:xmpp:message-retract:1'/></message>",
    "a message to one person": "<message to='{@CYD}' type='chat' id='x'><body>Hi</body></message>",
    "a whisper": "<message to='{room}/CYD' type='chat' id='x'><body>Hi</body></message>",
    "another nickname": "<presence to='{room}/adele' id='x'/>",
    "a kick": "<iq type='set' id='x' to='{room}'><query xmlns='http://jabber.org/protocol/muc#admin'>"
    "<item role='none' nick='bao'/></query></iq>",
    "a page": "<iq type='set' id='x' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>",
    "metadata": "<iq type='get' id='x' to='{room}'><metadata xmlns='urn:xmpp:mam:2'/></iq>",
    "a join": "<presence to='g2@{gw}/ada' id='x'>"
    "<x xmlns='http://jabber.org/protocol/muc'/></presence>",
}
ANSWERED = {
    "a ping of oneself": "<iq type='get' id='x' to='{room}/ada'><ping xmlns='urn:xmpp:ping'/></iq>",
    "what a room is": "<iq type='get' id='x' to='{room}'>"
    "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
    "its configuration": "<iq type='get' id='x' to='{room}'>"
    "<query xmlns='http://jabber.org/protocol/muc#owner'/></iq>",
}


async def test_everything_is_answered_and_nothing_done_that_cannot_be_stored(
    stage: Stage, network: FakeNetwork, cluster: Postgres
) -> None:
    stage.group("ada", "CYD", id="g2")
    ada, bao = await stage.seated("ada:owner", "bao", "CYD")
    dan = stage.person("dan")
    join = "<presence to='{room}/dan' id='x'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
    async with away(stage, cluster):
        for what, stanza in REFUSED.items():
            ada.sends(stanza)
            await _refused(ada.receives(f"<{_name(stanza)} type='error' id='x'/>"), what)
        dan.sends(join)
        await _refused(dan.receives("<presence type='error' id='x'/>"), "registering")
        for stanza in ANSWERED.values():
            ada.sends(stanza)
            await ada.receives("<iq type='result' id='x'/>")
        network.was_not_asked()
        assert bao._inbox()[bao._read :] == []
    await bao.receives("<message from='{room}/CYD'><body>Said meanwhile</body></message>")
    network.obeys("send")
    ada.sends(REFUSED["a message"])
    await bao.receives("<message from='{room}/ada'><body>Hello</body></message>")
    await dan.joins()


def _name(stanza: str) -> str:
    return stanza[1:].partition(" ")[0]


async def _refused(receiving: Awaitable[list[ET.Element]], what: str) -> None:
    (no,) = await receiving
    error = no.find("{*}error")
    assert error is not None
    assert error.find("{*}resource-constraint") is not None, what
    assert error.get("type") == "wait", what
    assert error.findtext("{*}text") == DATABASE_AWAY, what  # and not where the database is


async def test_admins_are_told_once_and_the_log_is(
    stage: Stage, cluster: Postgres, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.seated("ada", "bao", "CYD")
    with caplog.at_level(logging.WARNING, logger="gateway"):
        async with away(stage, cluster):
            pace = stage.gateway.rooms.host.archive.pace
            faults = pace.faults
            await _until(lambda: pace.faults > faults + 5)
    await _until(lambda: len(_from_the_gateway(stage, "ada@example.org")) == 2)
    told = {
        to: [s.findtext("{*}body") or "" for s in _from_the_gateway(stage, to)]
        for to in ("ada@example.org", "bao@example.org")
    }
    assert told["bao@example.org"] == []
    begin, end = told["ada@example.org"]
    assert begin.startswith("Nothing can be stored: messages wait, and users are told. The data")
    assert end.startswith("Messages can be stored again. That lasted 0:00:")
    lines = [record.getMessage() for record in caplog.records]
    assert len([line for line in lines if "is tried again until it succeeds" in line]) == 1, lines
    assert len([line for line in lines if "can be written again" in line]) == 1, lines


def _from_the_gateway(stage: Stage, to: str) -> list[ET.Element]:
    return [
        s
        for s in stage.wire.stanzas
        if s.tag.endswith("}message") and s.get("from") == DOMAIN and s.get("to") == to
    ]


async def test_who_comes_meanwhile_sees_it_in_the_gateways_presence(
    stage: Stage, cluster: Postgres
) -> None:
    await stage.seated("ada", "CYD")
    async with away(stage, cluster):
        seen = len(stage.wire.stanzas)
        stage.feed(f"<presence to='{DOMAIN}' type='probe'/>", "ada@example.org/desk")
        async with asyncio.timeout(20):
            while not any(s.findtext("{*}status") == TEXT for s in stage.wire.stanzas[seen:]):
                stage.wire.news.clear()
                await stage.wire.news.wait()


async def test_what_changes_in_a_room_meanwhile_is_kept_afterwards(
    stage: Stage, network: FakeNetwork, cluster: Postgres
) -> None:
    _, bao = await stage.seated("ada", "bao", "CYD")
    async with away(stage, cluster):
        renamed = replace(member("CYD"), name="Cydonia")
        await network.tells(MemberChanged(group=G1, member=renamed))
        bao.sends("<presence to='{room}/bao' type='unavailable'/>")
        (live,) = stage.gateway.rooms
        await _until(lambda: live.room.occupant("Cydonia") and len(live.room.seats) == 1)
    store = stage.gateway.rooms.host.store
    async with asyncio.timeout(20):
        while not await _kept(store):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def _until(done: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not done():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def _kept(store: Store) -> bool:
    nicks = {row.nick for row in await store.occupants_of(1)}
    seats = {row.jid for row in await store.all_seats()}
    return "Cydonia" in nicks and seats == {"ada@example.org/phone"}
