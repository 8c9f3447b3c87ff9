"""Slidge's own database, as it is read here: a copy, brought to the form that we know."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.util import CommandError
from slidge.core import config as slidge_config
from slidge.migration import get_alembic_cfg

from gateway.database.faults import explain
from gateway.errors import DatabaseError


@contextmanager
def opened(file: Path) -> Iterator[sa.Connection]:
    """A connection to what is in slidge's database; the file itself is only read. Blocks.

    Raises DatabaseError if it is not slidge's, or newer than what we know.
    """
    with tempfile.TemporaryDirectory(prefix="sluice-takeover-") as folder:
        copy = Path(folder) / "slidge.sqlite"
        url = sa.engine.make_url(f"sqlite:///{copy}")
        try:
            _copy(file, copy)
            _upgrade(url)
        except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
            raise DatabaseError(f"{file}: {_words(error, url)}") from error
        engine = sa.create_engine(url)
        try:
            with engine.connect() as conn:
                yield conn
        finally:
            engine.dispose()


def beside(file: Path) -> Iterator[Path]:
    """What else slidge, and its plugin, keep in the folder where its database is."""
    for each in sorted(file.parent.iterdir()):
        if not each.name.startswith(file.name):  # nor its journal
            yield each


def bring(each: Path, folder: Path) -> None:
    """Copy a file or folder into a folder, but for what is there already. Blocks."""
    target = folder / each.name
    if each.is_dir():
        target.mkdir(exist_ok=True)
        for child in each.iterdir():
            bring(child, target)
    elif not target.exists():
        shutil.copy2(each, target)


def _copy(file: Path, copy: Path) -> None:
    """Slidge may be running: SQLite itself makes the copy, of one moment."""
    with (
        closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        found = source.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
        if found.fetchone() is None:
            raise DatabaseError(f"{file} is no database of slidge's.")
        source.backup(target)


def _upgrade(url: sa.URL) -> None:
    settings = get_alembic_cfg()
    settings.set_main_option("path_separator", "os")
    before = getattr(slidge_config, "DB_URL", None)
    slidge_config.DB_URL = str(url)
    try:
        command.upgrade(settings, "head")
    except CommandError as error:
        raise DatabaseError(f"The database is of a slidge that is not known: {error}") from error
    finally:
        slidge_config.DB_URL = before  # type: ignore[assignment]


def _words(error: Exception, url: sa.URL) -> str:
    return explain(error, url) if isinstance(error, sa.exc.SQLAlchemyError) else str(error)
