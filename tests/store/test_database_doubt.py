"""PostgreSQL fails while it commits: what is written then is written once, whatever came of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import psycopg
import pytest
import sqlalchemy as sa

from conformance.client import PATIENCE
from gateway.archive import Archive
from gateway.database import Database
from gateway.errors import DatabaseError
from gateway.store import Store
from tests.archive.making import new
from tests.postgres import Postgres

pytestmark = pytest.mark.postgres


async def commits(
    db: Database, fails: Callable[[Callable[[], None]], None], *, after: int = 0
) -> None:
    """Have `fails` do the next COMMIT, which it is handed, or one later; then all is as ever."""
    dialect = db._write_engine.dialect
    usual = dialect.do_commit
    left = after

    def once(connection: object) -> None:
        nonlocal left
        if left:
            left -= 1
            usual(connection)
            return
        dialect.do_commit = usual
        fails(lambda: usual(connection))

    dialect.do_commit = once


@pytest.fixture
async def store(postgres: Postgres, migrated: str) -> Store:
    return Store(Database(postgres.make(migrated)))


@pytest.mark.parametrize("others", [0, 20])
async def test_a_commit_that_never_arrived_is_done_again(
    postgres: Postgres, store: Store, others: int
) -> None:
    """After the crash, others are given the transaction's number, or nobody has it."""
    db = store._db
    await db.open()

    def dies_before(commit: Callable[[], None]) -> None:
        postgres.stop()
        postgres.start()
        for _ in range(others):
            with psycopg.connect(_dsn(db), autocommit=True) as conn:
                conn.execute("UPDATE sluice_version SET version_num = version_num")
        commit()

    await commits(db, dies_before)
    await asyncio.wait_for(store.put_meta("tea", "green"), PATIENCE)
    assert await store.meta("tea") == "green"
    await db.close()


async def test_what_got_through_is_told_so_though_others_did_not_wait_for_it(
    postgres: Postgres, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The COMMIT of both is never answered, and the server away for long: whoever is patient hears
    that theirs is new, which it would not be if it were done again."""
    monkeypatch.setattr("gateway.database.writer.WAITED_OUT", 0.2)
    db = store._db
    await db.open()
    gone = threading.Event()

    def dies_after(commit: Callable[[], None]) -> None:
        commit()
        postgres.stop()
        gone.set()
        raise psycopg.OperationalError("the server is gone")

    begun, go = threading.Event(), threading.Event()

    def hold(_: sa.Connection) -> bool:
        begun.set()
        return go.wait()

    first = db.write(hold)
    await asyncio.to_thread(begun.wait)  # what comes from now on is one transaction
    impatient = store.put_meta("tea", "green")
    patient = Archive(db).append(1, new("said"))
    await commits(db, dies_after, after=1)
    go.set()
    assert await first
    with pytest.raises(DatabaseError):
        await asyncio.wait_for(impatient, 60)
    assert gone.is_set()
    await asyncio.to_thread(postgres.start)
    assert (await asyncio.wait_for(patient, 60)).new
    assert await Archive(db).count(1) == 1
    await db.close()


async def test_receipts_do_not_pile_up(store: Store) -> None:
    db = store._db
    await db.open()
    await store.put_meta("writer gone", "000000000001 7")
    await db.close()
    again = Store(Database(db.url.render_as_string(hide_password=False)))
    await again._db.open()
    for n in range(5):
        await again.put_meta("tea", str(n))
    assert await again.meta("writer gone") is None
    count = sa.text("SELECT count(*) FROM sluice_meta WHERE key LIKE 'writer %'")
    assert await again._db.read(lambda conn: conn.scalar(count)) == 2  # of either process
    await again._db.close()


def _dsn(db: Database) -> str:
    return db.url.set(drivername="postgresql").render_as_string(hide_password=False)
