"""Deleting what is older than the archive is to keep, hour after hour."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.client import PATIENCE
from gateway import retention
from gateway.archive import Archive, Gaps
from gateway.archive.gap import State
from gateway.database import Database
from gateway.errors import DatabaseError, SluiceError
from gateway.retention import ALL, Retention, expire_now
from gateway.store import Store
from tests.archive.making import lid, new

NOW = datetime(2026, 1, 31, tzinfo=UTC)
MONTH = timedelta(days=30)


async def test_what_could_not_be_deleted_is_tried_again(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "EVERY_SECONDS", 0.0)
    asked: asyncio.Queue[datetime] = asyncio.Queue()

    class Away:
        async def counts(self) -> dict[int, int]:
            return {1: 5}

        async def expire(self, older_than: datetime, *_: object) -> int:
            await asked.put(older_than)
            raise DatabaseError("the disk is full")

    host: Any = SimpleNamespace(
        archive=Away(), gaps=None, retention=Retention(Store(db), MONTH), now=lambda: NOW
    )
    chore = asyncio.create_task(retention.expire(host, ()))
    async with asyncio.timeout(PATIENCE):
        assert [await asked.get() for _ in range(2)] == [datetime(2026, 1, 1, tzinfo=UTC)] * 2
    chore.cancel()


async def test_a_room_may_keep_more_or_less_than_others(db: Database) -> None:
    archive, gaps, kept = Archive(db), Gaps(db), Retention(Store(db), MONTH)
    for room in (1, 2, 3, 4):
        for n, age in enumerate((1, 10, 100)):
            archive.append(room, new(n, at=NOW - timedelta(days=age)))
    for number, days in ((2, 5), (3, 0), (4, 5), (4, None)):
        await kept.put(number, days)
    assert kept.own == {2: 5, 3: 0}
    assert (await expire_now(archive, gaps, kept, NOW)).messages == 4
    assert await archive.counts() == {1: 2, 2: 1, 3: 3, 4: 2}
    for_all = Retention(Store(db))
    await for_all.load()
    assert (for_all.own, for_all.of(1)) == ({2: 5, 3: 0}, None)
    assert (await expire_now(archive, gaps, for_all, NOW)).messages == 0
    await for_all.put(ALL, 5)
    assert (await expire_now(archive, gaps, for_all, NOW)).messages == 2
    assert await archive.counts() == {1: 1, 2: 1, 3: 3, 4: 1}


@pytest.mark.parametrize("days", [-1, 36501, 10**12])
async def test_days_that_cannot_be(db: Database, days: int) -> None:
    kept = Retention(Store(db))
    with pytest.raises(SluiceError):
        await kept.put(1, days)
    assert kept.own == {}


async def test_a_gap_that_nobody_would_keep_filled_is_closed(db: Database) -> None:
    """One that reaches into what is kept stays, and so does one without an end."""
    archive, gaps, kept = Archive(db), Gaps(db), Retention(Store(db), MONTH)
    await archive.append(1, new("a", at=NOW))
    ends = {"old": 40, "new": 20, "other room": 40}
    made = {}
    for name, days in ends.items():
        room = 2 if name == "other room" else 1
        before = (lid(name), NOW - timedelta(days=days))
        made[name] = (await gaps.open(room)).id
        await gaps.open(room, before)
    await kept.put(2, 0)
    gone = await expire_now(archive, gaps, kept, NOW)
    assert gone.gaps == [made["old"]]
    left = {gap.id: gap.state for gap in await gaps.all() if gap.before is not None}
    assert left == {made["new"]: State.WANTED, made["other room"]: State.WANTED}
