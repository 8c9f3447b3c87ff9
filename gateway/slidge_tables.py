"""Slidge's own tables, beside ours in the same database, with a revision count of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import command
from slidge.db.meta import Base
from slidge.migration import get_alembic_cfg

from gateway.database.engine import parse
from gateway.database.faults import explain
from gateway.errors import DatabaseError


def migrate_slidge(url: str) -> None:
    """Bring slidge's tables up to date. `tell_slidge` has to have been called for the same URL.

    Raises DatabaseError. (slidge's own `migrate` prints a traceback and exits.)

    COMPAT: the older migrations of slidge 0.4.2 are in SQLite's dialect. In an empty database of
    another kind the tables are made as they are now, and its migrations go on from there.
    """
    config = get_alembic_cfg()
    config.set_main_option("path_separator", "os")
    parsed = parse(url)
    try:
        if parsed.get_backend_name() != "sqlite" and _made_new(parsed):
            command.stamp(config, "head")
        command.upgrade(config, "head")
    except sa.exc.SQLAlchemyError as error:
        raise DatabaseError(explain(error, parsed)) from error


def _made_new(url: sa.URL) -> bool:
    """Make the tables if there are none; whether that was so."""
    engine = sa.create_engine(url)
    try:
        if sa.inspect(engine).has_table("alembic_version"):
            return False
        Base.metadata.create_all(engine)
        return True
    finally:
        engine.dispose()
