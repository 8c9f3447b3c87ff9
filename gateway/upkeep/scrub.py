"""Having what was deleted leave the files of the database, too: for what has to be gone for good.

A row that is deleted from one file is still in another, and its words are in the index until that
is rewritten. What the disk itself keeps, and what was copied elsewhere, is out of reach.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing

import sqlalchemy as sa

from gateway.database import Database
from gateway.database.engine import engine_for
from gateway.database.faults import explain
from gateway.errors import DatabaseError

log = logging.getLogger(__name__)

PAGES = 500
"""Of an index of words, rewritten in one transaction."""
WAIT_SECONDS, TRIES = 1.0, 10
"""How long those who write wait for those who read at a time, and how often."""


async def scrub(database: Database) -> None:
    """Remove what is deleted from the database's own files, in small steps.

    PostgreSQL gives the room back for other rows, and writes over it by and by. Raises
    DatabaseError.
    """
    if database.url.get_backend_name() != "sqlite":
        await asyncio.to_thread(_vacuum, database.url)
        return
    for index in await database.read(_indexes):
        await database.write(_merging(index, -PAGES))  # begins with all there is, not the new only
        while await database.write(_merging(index, PAGES)):
            pass
    for _ in range(TRIES):
        if await asyncio.to_thread(_truncate, str(database.url.database)):
            return
        await asyncio.sleep(WAIT_SECONDS)
    log.warning("what was deleted stays in the log of writes for now: somebody reads all the time")


def _indexes(conn: sa.Connection) -> list[str]:
    made = "SELECT name FROM sqlite_master WHERE name LIKE 'sluice_%' AND sql LIKE '%USING fts5%'"
    return list(conn.scalars(sa.text(made)))


def _merging(index: str, pages: int) -> Callable[[sa.Connection], bool]:
    """To rewrite some of an index, which leaves out what is deleted; False if nothing is left."""
    statement = f"INSERT INTO {index} ({index}, rank) VALUES ('merge', {pages})"  # noqa: S608

    def work(conn: sa.Connection) -> bool:
        before = _changes(conn)
        conn.exec_driver_sql(statement)
        return _changes(conn) - before >= 2  # as FTS5 tells it

    return work


def _changes(conn: sa.Connection) -> int:
    return int(conn.exec_driver_sql("SELECT total_changes()").scalar_one())


def _truncate(path: str) -> bool:
    """Empty the log of writes; False if somebody reads. Blocks."""
    with closing(sqlite3.connect(path, timeout=WAIT_SECONDS)) as conn:
        try:
            busy, _, _ = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.OperationalError:
            return False
        return not busy


def _vacuum(url: sa.URL) -> None:
    engine = engine_for(url, connections=1)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            for table in sa.inspect(conn).get_table_names():
                if table.startswith("sluice_archive"):
                    conn.exec_driver_sql(f"VACUUM {table}")
    except sa.exc.SQLAlchemyError as error:
        raise DatabaseError(explain(error, url)) from error
    finally:
        engine.dispose()
