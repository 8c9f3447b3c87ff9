"""Slidge writes to the same file through connections of its own, and is not kept waiting."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from conformance.client import PATIENCE
from gateway.database import Database, courtesy
from gateway.migrate import migrate
from gateway.slidge_engine import slidge_engine
from gateway.store import Store

MUCH = 12_000


async def test_slidge_writes_while_much_is_waiting(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/test.sqlite"
    await asyncio.to_thread(migrate, url)
    db = Database(url, durable=False)
    await db.open()
    store = Store(db)
    room = await store.add_room("", "g1", "g1")
    engine = await asyncio.to_thread(slidge_engine, url, db.courtesy)
    last = [store.save_state(room.id, f"{n:1500}") for n in range(MUCH)][-1]

    def writes() -> None:
        for n in range(4):
            with engine.begin() as conn:
                conn.execute(sa.text("INSERT INTO sluice_meta VALUES (:n, 'slidge')"), {"n": n})

    await asyncio.to_thread(writes)
    assert not last.done()
    await last
    engine.dispose()
    await db.close()


async def test_whoever_failed_is_waited_for_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courtesy, "LONGEST_SECONDS", PATIENCE)
    url = f"sqlite:///{tmp_path}/test.sqlite"
    await asyncio.to_thread(migrate, url)
    db = Database(url, durable=False)
    await db.open()
    engine = await asyncio.to_thread(slidge_engine, url, db.courtesy)

    def fails() -> None:
        with engine.begin() as conn:
            conn.exec_driver_sql("INSERT INTO nowhere VALUES (1)")

    for _ in range(3):
        try:
            await asyncio.to_thread(fails)
        except sa.exc.OperationalError:
            continue
    began = time.monotonic()
    await asyncio.to_thread(db.courtesy.give_way)
    assert time.monotonic() - began < PATIENCE
    engine.dispose()
    await db.close()
