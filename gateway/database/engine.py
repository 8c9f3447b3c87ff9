"""Connections as the gateway wants them, on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gateway.errors import DatabaseError

BUSY = 5000
"""Milliseconds to wait for another process that writes to the same SQLite file."""


def parse(url: str) -> sa.URL:
    """The URL with the driver that we ship. Raises DatabaseError if it cannot be ours."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise DatabaseError(
            "The database URL cannot be read; these can: sqlite:///sluice.db, "
            "postgresql://user:password@host/name."
        ) from None
    match parsed.get_backend_name():
        case "sqlite":
            if parsed.database in (None, "", ":memory:") or "mode=memory" in url:
                raise DatabaseError(
                    "An SQLite database in memory would be lost: name a file, "
                    "as in sqlite:///sluice.db."
                )
            return parsed.set(drivername="sqlite")
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise DatabaseError(f"Sluice keeps its data in SQLite or PostgreSQL, not in {other}.")


def engine_for(
    url: sa.URL, *, connections: int, reading: bool = False, durable: bool = True
) -> sa.Engine:
    """An engine of up to `connections`, nothing connected yet.

    `reading`: transactions cannot write, and all statements of one see the same state. Otherwise
    a transaction has the database to itself from its beginning (SQLite), and with `durable`
    a commit returns when the disk has it; without, when the system has it.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, connections, reading, durable)
    return _postgresql(url, connections, reading, durable)


def _sqlite(url: sa.URL, connections: int, reading: bool, durable: bool) -> sa.Engine:
    engine = sa.create_engine(url, pool_size=connections, max_overflow=0)
    pragmas = [f"busy_timeout = {BUSY}", "foreign_keys = ON"]
    if reading:
        pragmas += ["query_only = ON", "cache_size = -8192"]  # the system has the other pages
    else:
        pragmas.append("cache_size = -32768")
        pragmas.append("journal_mode = WAL")
        pragmas.append(f"synchronous = {'FULL' if durable else 'NORMAL'}")
        pragmas.append("wal_autocheckpoint = 8000")
        pragmas.append("secure_delete = ON")  # the default of Debian's, but not of all others
        pragmas.append(f"journal_size_limit = {64 << 20}")

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # else sqlite3 begins on its own, and too late
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: sa.URL, connections: int, reading: bool, durable: bool) -> sa.Engine:
    if reading:
        settings = (
            "-c default_transaction_read_only=on "
            r"-c default_transaction_isolation=repeatable\ read "
            "-c plan_cache_mode=force_custom_plan"  # what is rare, and where, is in the values
        )
    else:
        settings = f"-c synchronous_commit={'on' if durable else 'off'}"
    settings += " -c jit=off"  # takes longer than any statement of ours
    wanted = {
        "options": settings,
        "application_name": "sluice",
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }
    own = {key: value for key, value in wanted.items() if key not in url.query}
    if "options" in url.query:
        own["options"] = f"{url.query['options']} {settings}"
    try:
        return sa.create_engine(url, pool_size=connections, max_overflow=0, connect_args=own)
    except ModuleNotFoundError:
        raise DatabaseError(
            "PostgreSQL needs one more package: pip install 'sluice-gateway[postgres]'."
        ) from None
