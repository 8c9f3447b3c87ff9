"""How long messages are kept, by command: of one room, of all, and at once (XEP-0050)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from conformance.client import PATIENCE
from tests.commands.asking import command, rows, text
from tests.stage import Person, Stage

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def in_june(run_by_ada: Stage) -> Stage:
    run_by_ada.gateway.rooms.host.now = lambda: NOW
    return run_by_ada


async def talked(stage: Stage) -> Person:
    """Ada, in two rooms where something was said 1, 10 and 100 days ago."""
    for group in ("g1", "g2"):
        stage.group("ada", "CYD", id=group)
        for days in (100, 10, 1):
            stage.network.says(group, "CYD", f"{days}", at=NOW - timedelta(days=days))
    ada = stage.person("ada")
    await ada.joins()
    await ada.joins(room="g2@{gw}")
    await ada.has_heard()
    return ada


async def kept(stage: Stage, *counts: int) -> None:
    """Wait until the rooms have these many messages."""
    archive = stage.gateway.tools.archive
    async with asyncio.timeout(PATIENCE):
        while [n for _, n in sorted((await archive.counts()).items())] != list(counts):  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # a chore does it


async def keep(admin: Person, room: str, days: str) -> dict[str, str]:
    answer = await command(admin, "keep-messages", {"room": room, "owner": "", "days": days})
    return {row["room"].partition("@")[0]: row["days"] for row in rows(answer)}


async def test_of_one_room_and_of_all(in_june: Stage) -> None:
    ada = await talked(in_june)
    assert await keep(ada, "", "30") == {"all": "30 days"}
    await kept(in_june, 2, 2)
    assert await keep(ada, "g1", "5") == {"all others": "30 days", "g1": "5 days"}
    await kept(in_june, 1, 2)
    assert await keep(ada, "g1", "0") == {"all others": "30 days", "g1": "for ever"}
    assert await keep(ada, "g1", "") == {"all": "30 days"}
    assert await keep(ada, "", "") == {"all": "for ever"}
    await keep(ada, "", "7")
    await kept(in_june, 1, 1)


@pytest.mark.parametrize(("room", "days"), [("", "36501"), ("", "many"), ("g9", "5"), ("", "-1")])
async def test_what_cannot_be(in_june: Stage, room: str, days: str) -> None:
    ada = await talked(in_june)
    answer = await command(ada, "keep-messages", {"room": room, "owner": "", "days": days})
    assert answer.find(".//{*}not-acceptable") is not None, text(answer)
    assert in_june.gateway.rooms.host.retention.own == {}
    await kept(in_june, 3, 3)
