"""A slow disk: the network is made to wait, memory has an end, and a figure says so."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from gateway.metrics import server
from gateway.metrics.server import answering
from tests.e2e.conftest import free_port
from tests.fake_network import FakeNetwork
from tests.metrics.test_metrics import config, scraped
from tests.muc.conftest import database, network, stage
from tests.muc.saying import heard
from tests.stage import Stage

__all__ = ["database", "network", "stage"]

MESSAGES = 200
BACKLOG = 5


async def test_the_network_is_made_to_wait_and_that_is_counted(
    stage: Stage, network: FakeNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for where, limit in (
        ("gateway.archive.archive.BACKLOG", BACKLOG),
        ("gateway.bridge.happenings.BACKLOG", BACKLOG),
        ("gateway.bridge.events.DEPTH", BACKLOG),
    ):
        monkeypatch.setattr(where, limit)
    monkeypatch.setattr(server, "FRESH_SECONDS", 0)
    (ada,) = await stage.seated("ada", "CYD")
    archive = stage.gateway.rooms.host.archive
    sa.event.listen(archive._db._write_engine, "commit", lambda _: time.sleep(0.05))
    port = free_port(stage)
    async with answering(stage.gateway, config(stage, tmp_path, f"127.0.0.1:{port}")):
        assert (await scraped(port))["sluice_slowed_seconds_total{database}"] == 0
        most = 0
        began = time.monotonic()
        for number in range(MESSAGES):
            await network.tells(heard(network, "CYD", f"{number}"))
            most = max(most, archive.waiting)
        took = time.monotonic() - began
        bodies = [s.findtext("{*}body") for s in await ada.has_heard()]
        found = await scraped(port)
    assert bodies == [f"{number}" for number in range(MESSAGES)]
    assert most <= 3 * BACKLOG
    assert 0 < found["sluice_slowed_seconds_total{database}"] <= took
    assert found["sluice_database_waiting"] == 0


async def test_nobody_waits_for_a_disk_that_is_quick(stage: Stage, network: FakeNetwork) -> None:
    await stage.seated("ada", "CYD")
    await asyncio.gather(*(network.tells(heard(network, "CYD", f"{n}")) for n in range(MESSAGES)))
    assert stage.gateway.rooms.host.archive.slowed_seconds == 0
