"""Deleting what is older than the archive is to keep, hour after hour."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway import retention
from gateway.errors import DatabaseError

NOW = datetime(2026, 1, 31, tzinfo=UTC)


async def test_what_could_not_be_deleted_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "EVERY_SECONDS", 0.0)
    asked: asyncio.Queue[datetime] = asyncio.Queue()

    class Away:
        async def expire(self, older_than: datetime) -> int:
            await asked.put(older_than)
            raise DatabaseError("the disk is full")

    archive: Any = Away()
    chore = asyncio.create_task(retention.expire(archive, timedelta(days=30), lambda: NOW))
    async with asyncio.timeout(10):
        assert [await asked.get() for _ in range(2)] == [datetime(2026, 1, 1, tzinfo=UTC)] * 2
    chore.cancel()
