"""Work that may take only so long, whatever it looks through."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

_STEPS = 20_000
"""Of SQLite's machine, between two looks at the clock: about a millisecond."""
_CANCELED = "57014"


class TookTooLong(Exception):
    """What was asked of the database was ended at its limit."""


@contextmanager
def limited(conn: sa.Connection, seconds: float) -> Iterator[None]:
    """End a statement of the block once `seconds` have passed (PostgreSQL: for each statement).

    The transaction is of no use any more then. Raises TookTooLong.
    """
    sqlite = conn.connection.driver_connection if conn.dialect.name == "sqlite" else None
    if isinstance(sqlite, sqlite3.Connection):
        deadline = time.monotonic() + seconds
        sqlite.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    else:
        conn.exec_driver_sql(f"SET LOCAL statement_timeout = {round(seconds * 1000)}")
    try:
        yield
    except sa.exc.DBAPIError as error:
        if _was_ended(error.orig):
            raise TookTooLong from error
        raise
    finally:
        if isinstance(sqlite, sqlite3.Connection):
            sqlite.set_progress_handler(None, 0)


def _was_ended(error: BaseException | None) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_INTERRUPT or getattr(error, "sqlstate", None) == _CANCELED
