"""When what is missing is read unasked."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conformance.client import PATIENCE
from gateway.group import filler
from gateway.group.filler import Filler
from gateway.group.host import Limits


class Gaps:
    async def idle(self) -> None:
        pass


class Live(SimpleNamespace):
    """A room; `opened` has those of which it is written down that something is missing."""

    history_known = False
    whole = False

    @property
    def is_opened(self) -> bool:
        return self.id in self.opened

    def missing(self) -> None:
        self.opened.append(self.id)


class Muc:
    """Somebody's handle on a room, which notes what was written down when it was read first."""

    user_id = "ada@example.org"
    reads_history = has_past_to_read = True

    def __init__(self, id: int, opened: list[int]) -> None:
        self.live = Live(id=id, opened=opened, room=SimpleNamespace(jid=f"{id}"))
        self.was_opened: list[int] = []
        self.was_read = asyncio.Event()

    async def fill_some(self, *, asked: bool) -> bool:
        assert not asked
        self.was_opened = list(self.live.opened)
        self.was_read.set()
        return False


def made() -> Filler:
    return Filler(cast(Any, Gaps()), Limits())


async def test_that_something_is_missing_is_written_down_of_many_rooms_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filler, "OPENED_AT_ONCE", 3)
    opened: list[int] = []
    mucs = [Muc(id, opened) for id in range(5)]
    it = made()
    for muc in mucs:
        it.add(cast(Any, muc))
    running = asyncio.create_task(it.run())
    await asyncio.wait_for(mucs[4].was_read.wait(), PATIENCE)
    running.cancel()
    assert mucs[0].was_opened == [0, 1, 2]
    assert opened == [0, 1, 2, 3, 4]


async def test_nothing_is_read_while_all_log_in() -> None:
    it, muc = made(), Muc(1, [])
    running = asyncio.create_task(it.run())
    with it.held():
        it.add(cast(Any, muc))
        for _ in range(20):
            await asyncio.sleep(0)
        assert not muc.was_read.is_set()
    await asyncio.wait_for(muc.was_read.wait(), PATIENCE)
    running.cancel()


async def test_a_login_that_takes_long_does_not_keep_others_from_their_past(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filler, "LONGEST_SECONDS", 0.01)
    it, muc = made(), Muc(1, [])
    running = asyncio.create_task(it.run())
    with it.held():
        it.add(cast(Any, muc))
        await asyncio.wait_for(muc.was_read.wait(), PATIENCE)
    running.cancel()
