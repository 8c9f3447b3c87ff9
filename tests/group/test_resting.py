"""Rooms in which nobody is, and of which nothing is asked for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import DatabaseError
from gateway.group import resting
from gateway.group.handles import Handles
from gateway.store import OccupantRow, Store
from tests.muc.reading import find
from tests.plugin_stage import PluginStage, on_plugin_stage

LEAVE = "<presence to='{room}/ada' type='unavailable'/>"


async def quiet(stage: PluginStage, seconds: float = 10 * resting.QUIET) -> None:
    """Let time pass in which nobody asks for anything."""
    await stage.settled()
    rooms = stage.gateway.rooms.host.resting
    for looks in range(3):
        await rooms.look(time.monotonic() + looks * seconds)


def lets_go(stage: PluginStage) -> None:
    """Have nobody hold anybody of a room any more, as after a thousand others have spoken."""
    stage.gateway.rooms.host.handles = Handles()


async def left(stage: PluginStage) -> Any:
    """A room that its only user has left; their handle on it."""
    stage.network.has_group("g1", "bao", "cyd")
    muc = await stage.enters()
    ada = stage.person("ada")
    ada.sends(LEAVE)
    await ada.receives("<presence type='unavailable'/>")
    lets_go(stage)
    return muc


async def test_its_people_are_folded_and_there_again_for_who_comes(stage: PluginStage) -> None:
    muc = await left(stage)
    before = {who.nick: who.id for who in muc.room.people.values()}
    await quiet(stage)
    assert [who.nick for who in muc.room.books.unfolded()] == ["ada"]
    ada = stage.person("ada")
    await ada.joins()
    shown = {s.get("from").partition("/")[2]: s for s in await ada.has_heard() if s.get("from")}
    assert {who.nick: who.id for who in muc.room.people.values()} == before
    assert len(before) == 3
    assert shown == {}


async def test_a_room_with_somebody_in_it_stays_as_it_is(stage: PluginStage) -> None:
    stage.network.has_group("g1", "bao")
    muc = await stage.enters()
    lets_go(stage)
    await quiet(stage)
    assert not muc.room.books.folded


async def test_whom_a_plugin_holds_goes_on_being_who_they_are(stage: PluginStage) -> None:
    muc = await left(stage)
    bao = await muc.get_participant("Bao")
    await quiet(stage)
    assert {who.nick for who in muc.room.books.unfolded()} == {"ada", "Bao"}
    bao.away("out for tea")
    assert await muc.get_participant("Bao") is bao
    ada = stage.person("ada")
    await ada.has_heard()
    ada.sends("<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    told = [s for s in await ada.has_heard() if (s.get("from") or "").endswith("/Bao")]
    assert find(told[0], "status").text == "out for tea"


async def test_what_was_not_written_yet_is_and_outlasts_the_process(
    tmp_path: Path, database: Path
) -> None:
    async with on_plugin_stage(tmp_path, database) as stage:
        muc = await left(stage)
        muc.room.nicks["Bao"].photo = "abc"  # and nobody says that anything has changed
        await quiet(stage)
        assert muc.room.books.folded
        muc.room.nicks["Cyd"].photo = "def"
        muc.live.keeping.changed()
        muc.live.keeping.write()
        await quiet(stage)
        assert muc.room.books.folded
    async with on_plugin_stage(tmp_path, database) as stage:
        live = next(iter(stage.gateway.rooms))
        assert {nick: who.photo for nick, who in live.room.nicks.items()} == {
            "ada": None,
            "Bao": "abc",
            "Cyd": "def",
        }


async def test_what_could_not_be_written_before_is_written_later(
    tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.group.keeping.AGAIN_SECONDS", 0.05)
    put, again = Store.put_occupants, asyncio.Event()
    lost: list[str] = []

    def fails_once(self: Store, room: int, rows: Sequence[OccupantRow]) -> asyncio.Future[None]:
        if not lost:
            lost.extend(row.member_id for row in rows)
            failed = asyncio.get_running_loop().create_future()
            failed.set_exception(DatabaseError("The disk is full."))
            return failed
        again.set()
        return put(self, room, rows)

    async with on_plugin_stage(tmp_path, database) as stage:
        muc = await left(stage)
        muc.room.nicks["Bao"].photo = "abc"
        await stage.settled()
        monkeypatch.setattr(Store, "put_occupants", fails_once)
        await quiet(stage)
        assert "bao" in lost
        async with asyncio.timeout(20):
            await again.wait()
    async with on_plugin_stage(tmp_path, database) as stage:
        live = next(iter(stage.gateway.rooms))
        assert live.room.nicks["Bao"].photo == "abc"


async def test_who_goes_while_the_others_are_folded_is_gone_after_a_restart(
    tmp_path: Path, database: Path
) -> None:
    async with on_plugin_stage(tmp_path, database) as stage:
        muc = await left(stage)
        await quiet(stage)
        (await muc.get_participant("Bao")).leave()
        await stage.settled()
    async with on_plugin_stage(tmp_path, database) as stage:
        live = next(iter(stage.gateway.rooms))
        assert set(live.room.nicks) == {"ada", "Cyd"}


async def test_who_was_filled_in_with_nobody_there_is_folded_at_once(stage: PluginStage) -> None:
    stage.network.has_group("g1", "bao", "cyd")
    stage.network.has_group("lobby")
    await stage.enters(id="lobby")
    muc = await stage.gateway.sessions()[0].bookmarks.by_legacy_id("g1")
    await muc.ensure_people()
    lets_go(stage)
    await quiet(stage, seconds=resting.UNSEEN)
    assert [who.nick for who in muc.room.books.unfolded()] == ["ada"]


async def test_a_room_is_forgotten_with_its_people(stage: PluginStage) -> None:
    muc = await left(stage)
    await stage.gateway.rooms.forget(muc.live)
    await quiet(stage)
    assert muc.live not in stage.gateway.rooms.host.resting._awake


async def test_a_room_takes_little_memory(stage: PluginStage) -> None:
    muc = await left(stage)
    assert len(vars(muc.live)) <= 30, "of so many CPython shares the keys"


@pytest.fixture(autouse=True)
def _no_looks_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resting, "EVERY", 3600.0)
