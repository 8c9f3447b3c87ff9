"""sluice archive backup"""

from __future__ import annotations

import sqlite3
from argparse import Namespace
from contextlib import closing
from pathlib import Path

from gateway.cli.exit import Exit
from gateway.cli.output import progress
from gateway.cli.storage import require
from gateway.config import load
from gateway.database.engine import parse
from gateway.errors import DatabaseError, SluiceError

PAGES = 1000
"""Copied at a time; in between, a gateway that runs may write."""


def backup(args: Namespace) -> int:
    """Copy the whole database, users and rooms included, to a file. The gateway may be running.

    For SQLite; PostgreSQL has pg_dump. The file is a database itself: to go back, stop the gateway
    and put it in the place of the other.
    """
    config = load(args.config)
    require(config)
    url = parse(config.database.url)
    if url.get_backend_name() != "sqlite":
        raise SluiceError("This is for SQLite: PostgreSQL is backed up with pg_dump.")
    target = Path(args.file)
    if target.exists():
        raise SluiceError(f"{target} is there already.")
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    try:
        _copy(str(url.database), part)
        part.rename(target)
    except sqlite3.Error as error:
        raise DatabaseError(f"The database cannot be copied: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return Exit.FINE


def _copy(source: str, target: Path) -> None:
    with (
        closing(sqlite3.connect(source)) as whole,
        closing(sqlite3.connect(target)) as copy,
        progress(0, "copying", "page") as bar,
    ):

        def show(_status: int, remaining: int, total: int) -> None:
            bar.total = total
            bar.update(total - remaining - bar.n)

        whole.backup(copy, pages=PAGES, progress=show)
