"""Deleting what is older than the archive is to keep, hour after hour."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway import retention
from gateway.archive import Archive
from gateway.database import Database
from gateway.errors import DatabaseError
from gateway.store import Store
from tests.archive.making import new

NOW = datetime(2026, 1, 31, tzinfo=UTC)


async def test_what_could_not_be_deleted_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "EVERY_SECONDS", 0.0)
    asked: asyncio.Queue[datetime] = asyncio.Queue()

    class Away:
        async def counts(self) -> dict[int, int]:
            return {1: 5}

        async def expire(self, older_than: datetime, room: int) -> int:
            await asked.put(older_than)
            raise DatabaseError("the disk is full")

        async def all(self) -> dict[int, int]:
            return {}

    archive: Any = Away()
    month = timedelta(days=30)
    chore = asyncio.create_task(retention.expire(archive, month, lambda: NOW, archive))
    async with asyncio.timeout(10):
        assert [await asked.get() for _ in range(2)] == [datetime(2026, 1, 1, tzinfo=UTC)] * 2
    chore.cancel()


async def test_a_room_may_keep_more_or_less_than_others(db: Database) -> None:
    archive, own = Archive(db), retention.RoomsOwn(Store(db))
    for room in (1, 2, 3, 4):
        for n, age in enumerate((1, 10, 100)):
            archive.append(room, new(n, at=NOW - timedelta(days=age)))
    await own.put(2, 5)
    await own.put(3, 0)
    await own.put(4, 5)
    await own.put(4, None)
    assert await own.all() == {2: 5, 3: 0}
    assert await retention.expire_now(archive, timedelta(days=30), NOW, await own.all()) == 4
    assert await archive.counts() == {1: 2, 2: 1, 3: 3, 4: 2}
    assert await retention.expire_now(archive, None, NOW, await own.all()) == 0
