"""PostgreSQL fails while it commits: what is written then is written once, whatever came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import psycopg
import pytest
import sqlalchemy as sa

from gateway.database import Database
from gateway.store import Store
from tests.postgres import Postgres

pytestmark = pytest.mark.postgres


async def commits(db: Database, fails: Callable[[Callable[[], None]], None]) -> None:
    """Have `fails` do the next COMMIT, which it is handed; then everything is as ever."""
    dialect = db._write_engine.dialect
    usual = dialect.do_commit

    def once(connection: object) -> None:
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
    await asyncio.wait_for(store.put_meta("tea", "green"), 60)
    assert await store.meta("tea") == "green"
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
