"""Bringing a database to the shape that this version of the program knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import Script, ScriptDirectory

import migrations
from gateway.database.engine import engine_for, parse
from gateway.database.faults import explain
from gateway.database.sql import VERSION_TABLE
from gateway.errors import DatabaseError, SluiceError

_LOCK = 0x51_0C_1E
"""PostgreSQL's number for "somebody is migrating"."""

Progress = Callable[[int, int, str], None]
"""Told how many steps are done, of how many, and what the last one was."""


def migrate(url: str, progress: Progress | None = None) -> None:
    """Bring the database up to date, in one transaction; makes it if there is none.

    Raises DatabaseError if it cannot be opened, or is newer than the program.
    """
    check_revision(url)
    with _alone(url) as conn:
        _upgrade(conn, progress or _silent)


def check_revision(url: str) -> str | None:
    """The revision that the database is at, None if it is at none. Changes nothing.

    Raises DatabaseError if it cannot be opened, or is newer than the program.
    """
    parsed = parse(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        return None
    engine = engine_for(parsed, connections=1, reading=True)
    try:
        with engine.begin() as conn:
            revision = _revision(conn)
    except sa.exc.SQLAlchemyError as error:
        raise DatabaseError(explain(error, parsed)) from error
    finally:
        engine.dispose()
    known = [script.revision for script in _scripts().walk_revisions()]
    if revision is not None and revision not in known:
        raise DatabaseError(
            f"The database is at revision {revision}, which this version does not know: it was "
            "used with a newer Sluice. Install that; have it go back first, with `sluice migrate "
            f"--back {known[0]}`, if you want this one; or restore a backup from before."
        )
    return revision


def go_back(url: str, revision: str) -> None:
    """Bring the database to a revision that an earlier version of the program knows, in one
    transaction. What that one has no place for is lost.

    Raises SluiceError if the database was never there, DatabaseError if it cannot be opened.
    """
    at = check_revision(url)
    earlier = sorted(script.revision for script in _scripts().walk_revisions())
    if at is None or revision not in earlier or revision > at:
        possible = "nothing" if at is None else ", ".join(one for one in earlier if one < at)
        raise SluiceError(f"The database can go back to {possible}; not to {revision}.")
    with _alone(url) as conn:
        config = _config()
        config.attributes.update(connection=conn)
        command.downgrade(config, revision)


@contextmanager
def _alone(url: str) -> Iterator[sa.Connection]:
    """A transaction in which nobody else migrates. Raises DatabaseError."""
    parsed = parse(url)
    engine = engine_for(parsed, connections=1)
    try:
        with engine.begin() as conn:
            if conn.dialect.name == "postgresql":
                conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield conn
    except sa.exc.SQLAlchemyError as error:
        raise DatabaseError(explain(error, parsed)) from error
    finally:
        engine.dispose()


def is_current(url: str) -> bool:
    """Whether there is nothing to migrate. Raises DatabaseError as `check_revision` does."""
    return check_revision(url) == _scripts().get_current_head()


def _upgrade(conn: sa.Connection, progress: Progress) -> None:
    config = _config()
    at = _revision(conn)
    steps = list(ScriptDirectory.from_config(config).iterate_revisions("head", at or "base"))
    done = 0

    def applied(*, step: MigrationInfo, **_: object) -> None:
        nonlocal done
        done += 1
        script = step.up_revision
        progress(done, len(steps), script.doc if isinstance(script, Script) else "")

    if steps:
        config.attributes.update(connection=conn, applied=applied)
        command.upgrade(config, "head")


def _revision(conn: sa.Connection) -> str | None:
    context = MigrationContext.configure(conn, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def _silent(done: int, of: int, what: str) -> None:
    """Tell nobody."""
