"""While nothing can be stored, nothing is sent: users are told, and get all of it afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

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

    async with asyncio.timeout(30):
        while not now():
            stage.wire.news.clear()
            await stage.wire.news.wait()
