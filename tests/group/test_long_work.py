"""Rooms of thousands: nobody else waits for them."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from conformance.client import PATIENCE
from gateway.group import keeping, turns
from gateway.group.keeping import Keeping
from gateway.group.lasting import ENOUGH, Lasting
from gateway.group.turns import Turns
from gateway.room.state import Occupant, OccupantId, Room
from gateway.store import OccupantRow
from legacy_backend.terms import GroupId, MemberId


async def test_long_work_lets_others_go_on_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "AT_MOST", -1)
    others = asyncio.Event()
    asyncio.get_running_loop().call_soon(others.set)
    await Turns().pause()
    assert others.is_set()


async def test_short_work_is_not_interrupted() -> None:
    others = asyncio.Event()
    asyncio.get_running_loop().call_soon(others.set)
    await Turns().pause()
    assert not others.is_set()


class PaperStore:
    """Notes what is written, and waits for the last of five people."""

    def __init__(self) -> None:
        self.written: list[list[str]] = []
        self.has_all = asyncio.Event()

    def save_state(self, room: int, text: str) -> asyncio.Future[None]:
        return asyncio.get_running_loop().create_future()

    def put_occupants(self, room: int, rows: Sequence[OccupantRow]) -> asyncio.Future[None]:
        self.written.append([row.member_id for row in rows])
        if "e" in self.written[-1]:
            self.has_all.set()
        return asyncio.get_running_loop().create_future()


def of_five(store: PaperStore) -> Keeping:
    room = Room("room@gw.example.org", GroupId("g"))
    for name in "abcde":
        room.file(Occupant(MemberId(name), OccupantId(name), name))
    return Keeping(cast(Any, store), 1, room, lambda: datetime.now(UTC), lambda *_: None)


async def test_many_people_are_written_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    monkeypatch.setattr(keeping, "SETTLE_SECONDS", 0)
    store = PaperStore()
    of_five(store).changed()
    await asyncio.wait_for(store.has_all.wait(), PATIENCE)
    assert store.written == [["a", "b"], ["c", "d"], ["e"]]


async def test_at_the_end_all_are_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    store = PaperStore()
    of_five(store).write()
    assert store.written == [list("abcde")]


def test_what_lasts_is_kept_from_the_garbage_collector() -> None:
    lasting = Lasting()
    people = [[number] for number in range(ENOUGH)]
    before = gc.get_freeze_count()
    lasting.came(len(people) - 1)
    assert gc.get_freeze_count() == before
    lasting.came(1)
    assert gc.get_freeze_count() >= before + len(people)
