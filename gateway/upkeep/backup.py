"""Copying the whole database while a gateway writes to it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from gateway.errors import DatabaseError, SluiceError
from gateway.upkeep.tools import Progress

PAGES = 1000
"""Copied between two reports of progress."""


def back_up(url: sa.URL, target: Path, tell: Progress) -> None:
    """Copy a database of SQLite to a file that is not there yet, for its owner's eyes. Blocks.

    The copy is of one moment, whatever is written meanwhile. Raises SluiceError, DatabaseError,
    OSError.
    """
    if url.get_backend_name() != "sqlite":
        raise SluiceError("This is for SQLite: PostgreSQL is backed up with pg_dump.")
    if target.exists():
        raise SluiceError(f"{target} is there already.")
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy(str(url.database), part, tell)
        part.rename(target)
    except sqlite3.Error as error:
        raise DatabaseError(f"The database cannot be copied to {target}: {error}.") from error
    finally:
        part.unlink(missing_ok=True)


def _copy(source: str, target: Path, tell: Progress) -> None:
    with (
        closing(sqlite3.connect(source, isolation_level=None)) as whole,
        closing(sqlite3.connect(target)) as copy,
    ):
        whole.execute("BEGIN")  # or each write of the gateway would have it begin anew
        whole.execute("SELECT count(*) FROM sqlite_master").fetchone()
        whole.backup(copy, pages=PAGES, progress=lambda _, left, total: tell(total - left, total))
