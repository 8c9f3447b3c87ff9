"""While nothing can be stored, nothing is sent: users are told, and get all of it afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from conformance.client import PATIENCE
from gateway.trouble import TEXT
from tests.fake_network import FakeNetwork
from tests.muc.conftest import database, network
from tests.muc.saying import heard
from tests.stage import DOMAIN, Stage, on_stage

__all__ = ["database", "network"]

LONG = "tea " * 4000


@pytest.fixture
async def stage(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    monkeypatch.setattr("gateway.trouble.LOOKS_SECONDS", 0.02)
    monkeypatch.setattr("gateway.trouble.LASTING_SECONDS", 0.05)
    monkeypatch.setattr("gateway.database.writer.LONGEST_PAUSE", 0.1)
    async with on_stage(tmp_path, database) as stage:
        yield stage


class Disk:
    """What the database is on: it grows while there is room, and else only what fits goes in."""

    def __init__(self, stage: Stage) -> None:
        self.full = False
        engine = stage.gateway.rooms.host.archive._db._write_engine
        sa.event.listen(engine, "begin", self._limit)

    def _limit(self, conn: sa.Connection) -> None:
        conn.exec_driver_sql(f"PRAGMA max_page_count = {1 if self.full else 1 << 30}")


async def test_users_are_told_and_get_all_of_it_later(
    stage: Stage, network: FakeNetwork, caplog: pytest.LogCaptureFixture
) -> None:
    ada, bao = await stage.seated("ada", "bao", "CYD")
    disk = Disk(stage)
    disk.full = True
    for number in range(20):
        await network.tells(heard(network, "CYD", f"{number} {LONG}"))
    await presence(stage, troubled=True)
    assert "full" in caplog.text
    heard_so_far = [s.findtext("{*}body") for s in bao._inbox()[bao._read :]]
    archive = stage.gateway.rooms.host.archive
    stored = "".join([entry.stanza async for entry in archive.export(1)])
    assert all(f"<body>{body}</body>" in stored for body in heard_so_far)

    ada.sends("<message to='{room}' type='groupchat' id='m'><body>Hello</body></message>")
    await ada.receives("""
        <message type='error' id='m' from='{room}'><error type='wait'>
          <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>""")
    network.was_not_asked()
    disk.full = False
    await presence(stage, troubled=False)
    bodies = [s.findtext("{*}body") for s in await bao.has_heard()]
    assert [body.split()[0] for body in bodies] == [str(number) for number in range(20)]
    assert len(heard_so_far) < 20
    assert "can be written again" in caplog.text

    network.obeys("send")
    ada.sends("<message to='{room}' type='groupchat' id='m'><body>Hello</body></message>")
    await bao.receives("<message from='{room}/ada'><body>Hello</body></message>")


async def test_who_comes_meanwhile_is_told_and_may_come_later(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "bao", "CYD", but="bao")
    disk = Disk(stage)
    disk.full = True
    await network.tells(heard(network, "CYD", LONG * 10))
    await presence(stage, troubled=True)
    bao = stage.person("bao")
    bao.sends(
        "<presence to='{room}/bao' id='j'><x xmlns='http://jabber.org/protocol/muc'/></presence>"
    )
    await bao.receives("""
        <presence type='error' id='j' from='{room}/bao'><error type='wait'>
          <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>""")
    ada.sends("<iq type='set' id='q' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    await ada.receives("<iq type='result' id='q'/>")  # of what could be stored
    disk.full = False
    await presence(stage, troubled=False)
    await bao.joins()


async def test_the_network_waits_and_memory_has_an_end(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.archive.archive.BACKLOG", 5)
    monkeypatch.setattr("gateway.bridge.happenings.BACKLOG", 5)
    monkeypatch.setattr("gateway.bridge.events.DEPTH", 5)
    (ada,) = await stage.seated("ada", "CYD")
    disk = Disk(stage)
    disk.full = True

    async def talk() -> None:
        for number in range(50):
            await network.tells(heard(network, "CYD", f"{number} {LONG}"))

    talking = asyncio.create_task(talk())
    await presence(stage, troubled=True)
    archive = stage.gateway.rooms.host.archive
    assert not talking.done()
    assert archive.waiting < 20
    disk.full = False
    await talking
    bodies = [s.findtext("{*}body") for s in await ada.has_heard()]
    assert [body.split()[0] for body in bodies] == [str(number) for number in range(50)]
    assert archive.slowed_seconds > 0


async def presence(stage: Stage, *, troubled: bool) -> None:
    """Wait until the gateway's own presence says to ada that it cannot store, or no more."""

    def now() -> bool:
        shown = [
            s
            for s in stage.wire.stanzas
            if s.tag.endswith("}presence")
            and s.get("to") == "ada@example.org"
            and s.get("from") == DOMAIN
        ]
        return bool(shown) and (shown[-1].findtext("{*}status") == TEXT) is troubled

    async with asyncio.timeout(PATIENCE):
        while not now():
            stage.wire.news.clear()
            await stage.wire.news.wait()
