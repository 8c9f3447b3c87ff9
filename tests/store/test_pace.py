"""How fast the database takes what is written is counted."""

from __future__ import annotations

import asyncio

import pytest

from gateway.archive import Archive
from gateway.database import Database
from gateway.database.pace import BOUNDS, Pace
from tests.store.test_database_writes import Gate


@pytest.mark.parametrize(
    ("seconds", "bucket"), [(0.0, 0), (BOUNDS[0], 0), (0.0011, 1), (BOUNDS[-1], -2), (99.0, -1)]
)
def test_a_batch_is_in_the_bucket_of_what_it_took(seconds: float, bucket: int) -> None:
    pace = Pace()
    pace.took(seconds, 7)
    assert (pace.writes, pace.seconds) == (7, seconds)
    assert pace.batches[bucket] == sum(pace.batches) == 1


async def test_what_the_network_waits_for_the_database_is_counted(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.archive.archive.BACKLOG", 0)
    archive = Archive(db)
    await archive.taking()
    assert archive.slowed_seconds == 0
    gate = Gate(db)
    waiting = asyncio.create_task(archive.taking())
    await asyncio.sleep(0)
    assert (archive.waiting, waiting.done()) == (1, False)
    gate.open()
    await waiting
    assert archive.slowed_seconds > 0
