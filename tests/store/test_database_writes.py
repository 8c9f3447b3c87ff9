"""Writes are committed in groups, in order, and do not harm one another."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from gateway.database import Database, engine
from gateway.errors import DatabaseError
from gateway.migrate import migrate
from gateway.store.tables import meta
from tests.postgres import Postgres


def put(key: str, value: str = "") -> Callable[[sa.Connection], str]:
    def work(conn: sa.Connection) -> str:
        conn.execute(sa.insert(meta).values(key=key, value=value))
        return key

    return work


def keys(conn: sa.Connection) -> list[str]:
    rows = sa.select(meta.c.key).order_by(meta.c.key)
    return list(conn.scalars(rows.where(meta.c.key.not_like("writer %"))))


def fail(conn: sa.Connection) -> None:
    conn.execute(sa.insert(meta).values(key="half done", value=""))
    raise LookupError("on purpose")


async def in_trouble(db: Database) -> None:
    while not db.trouble:  # noqa: ASYNC110  the writer's thread says it, without an event
        await asyncio.sleep(0.01)


class Gate:
    """Work that holds the writer up, so that what follows is one transaction."""

    def __init__(self, db: Database) -> None:
        self._open = threading.Event()
        self.passed = db.write(lambda conn: self._open.wait(30))

    def open(self) -> None:
        self._open.set()


def commits(db: Database) -> list[None]:
    """Grows with each transaction that is committed from now on."""
    seen: list[None] = []
    sa.event.listen(db._write_engine, "commit", lambda conn: seen.append(None))
    return seen


async def test_what_a_write_returns_is_there_to_read(db: Database) -> None:
    assert await db.write(put("a")) == "a"
    assert await db.read(keys) == ["a"]


async def test_what_waits_is_one_transaction(db: Database) -> None:
    seen = commits(db)
    gate = Gate(db)
    await asyncio.sleep(0)
    waiting = [db.write(put(f"{i:03}")) for i in range(200)]
    assert db.waiting == 201
    gate.open()
    await asyncio.gather(gate.passed, *waiting)
    assert db.waiting == 0
    assert len(seen) <= 2
    assert (db.pace.writes, sum(db.pace.batches)) == (201, len(seen))
    assert len(await db.read(keys)) == 200


def _note(done: list[int], i: int, _: object) -> None:
    done.append(i)


async def test_futures_are_done_in_the_order_of_the_calls(db: Database) -> None:
    done: list[int] = []
    futures = [db.write(put(str(i))) for i in range(50)]
    for i, future in enumerate(futures):
        future.add_done_callback(partial(_note, done, i))
    await asyncio.gather(*futures)
    assert done == list(range(50))


async def test_a_failing_write_harms_no_neighbour(db: Database) -> None:
    gate = Gate(db)
    before, failing, after = db.write(put("before")), db.write(fail), db.write(put("after"))
    twice, again = db.write(put("twice")), db.write(put("twice"))
    gate.open()
    results = await asyncio.gather(before, failing, after, twice, again, return_exceptions=True)
    assert results[0] == "before"
    assert isinstance(results[1], LookupError)
    assert results[2] == "after"
    assert results[3] == "twice"
    assert isinstance(results[4], sa.exc.IntegrityError)
    assert await db.read(keys) == ["after", "before", "twice"]


def put_all(conn: sa.Connection, items: Any) -> list[int]:
    conn.execute(sa.insert(meta), [{"key": item, "value": ""} for item in items])
    return [len(items)] * len(items)


async def test_grouped_writes_are_given_together(db: Database) -> None:
    gate = Gate(db)
    first = [db.write_grouped(put_all, key) for key in "abc"]
    between = db.write(put("d"))
    second = [db.write_grouped(put_all, key) for key in "ef"]
    gate.open()
    assert await asyncio.gather(*first, between, *second) == [3, 3, 3, "d", 2, 2]


async def test_a_group_that_fails_is_given_one_by_one(db: Database) -> None:
    gate = Gate(db)
    futures = [db.write_grouped(put_all, key) for key in "aba"]
    gate.open()
    results = await asyncio.gather(*futures, return_exceptions=True)
    assert results[:2] == [1, 1]
    assert isinstance(results[2], sa.exc.IntegrityError)


async def test_a_caller_that_gave_up_stops_nobody(db: Database) -> None:
    gate = Gate(db)
    given_up, other = db.write(put("a")), db.write(put("b"))
    given_up.cancel()
    gate.open()
    assert await other == "b"
    assert await db.read(keys) == ["a", "b"]


async def test_drained_waits_for_as_many_as_asked(db: Database) -> None:
    gate = Gate(db)
    for i in range(10):
        db.write(put(str(i)))
    all_done = asyncio.create_task(db.drained())
    await db.drained(11)
    assert not all_done.done()
    gate.open()
    await all_done
    assert db.waiting == 0


async def test_close_commits_what_waits(url: str) -> None:
    db = Database(url)
    await db.open()
    futures = [db.write(put(f"{i:04}")) for i in range(500)]
    await db.close()
    assert all(future.done() and not future.exception() for future in futures)
    await db.close()
    reopened = Database(url)
    await reopened.open()
    assert len(await reopened.read(keys)) == 500
    await reopened.close()


async def test_a_closed_database_says_so(url: str) -> None:
    db = Database(url)
    await db.open()
    await db.close()
    with pytest.raises(DatabaseError, match="closed"):
        await db.write(put("a"))
    with pytest.raises(DatabaseError, match="closed"):
        await db.read(keys)


async def test_a_reader_cannot_write(db: Database) -> None:
    with pytest.raises((sa.exc.OperationalError, DatabaseError)):
        await db.read(put("a"))
    assert await db.read(keys) == []


async def test_a_read_sees_one_state(db: Database) -> None:
    looked, written = threading.Event(), threading.Event()

    def twice(conn: sa.Connection) -> tuple[list[str], list[str]]:
        first = keys(conn)
        looked.set()
        assert written.wait(30)
        return first, keys(conn)

    reading = asyncio.create_task(db.read(twice))
    await asyncio.to_thread(looked.wait, 30)
    await db.write(put("a"))
    written.set()
    assert await reading == ([], [])


@pytest.fixture
def other_process(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else's connection to the file of this test."""
    path = tmp_path / "test.sqlite"
    migrate(f"sqlite:///{path}")
    with contextlib.closing(
        sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    ) as conn:
        yield conn


async def test_a_locked_file_is_waited_for(
    other_process: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY", 1)
    db = Database(f"sqlite:///{tmp_path}/test.sqlite")
    await db.open()
    await asyncio.to_thread(other_process.execute, "BEGIN IMMEDIATE")
    writing = db.write(put("a"))
    await in_trouble(db)
    assert not writing.done()
    assert "locked" in db.trouble
    await asyncio.to_thread(other_process.execute, "COMMIT")
    assert await writing == "a"
    assert db.trouble == ""
    await db.close()


@pytest.mark.postgres
async def test_a_server_that_goes_away_is_waited_for(postgres: Postgres, migrated: str) -> None:
    db = Database(postgres.make(migrated))
    await db.open()
    await db.write(put("before"))
    await asyncio.to_thread(postgres.stop)
    try:
        writing = db.write(put("meanwhile"))
        await in_trouble(db)
        assert not writing.done()
    finally:
        await asyncio.to_thread(postgres.start)
    assert await writing == "meanwhile"
    assert await db.read(keys) == ["before", "meanwhile"]
    await db.close()


@pytest.mark.postgres
@pytest.mark.parametrize("got_through", [True, False])
async def test_a_commit_without_an_answer_is_looked_up(
    postgres: Postgres, migrated: str, monkeypatch: pytest.MonkeyPatch, got_through: bool
) -> None:
    """Repeating a write that got through would tell its caller that another was first."""
    db = Database(postgres.make(migrated))
    await db.open()
    assert db._write_engine is not None
    dialect = db._write_engine.dialect
    commit = dialect.do_commit
    runs: list[str] = []

    def lose(connection: Any) -> None:
        monkeypatch.setattr(dialect, "do_commit", commit)
        if got_through:
            commit(connection)
        connection.dbapi_connection.close()
        raise psycopg.OperationalError("server closed the connection unexpectedly")

    def work(conn: sa.Connection) -> str:
        runs.append("run")
        return put("a")(conn)

    monkeypatch.setattr(dialect, "do_commit", lose)
    assert await db.write(work) == "a"
    assert len(runs) == (1 if got_through else 2)
    assert await db.read(keys) == ["a"]
    await db.close()
