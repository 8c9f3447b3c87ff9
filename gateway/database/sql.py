"""What both dialects of SQL share, and the one statement that SQLAlchemy does not unite."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)
"""All tables of Sluice. Their names begin with `sluice_`: slidge's stand in the same database."""

VERSION_TABLE = "sluice_version"
"""Which revision the tables are at; slidge counts its own in another table."""


INDEXES_OF_POSTGRESQL = (
    "ix_sluice_archive_room_id_stanza_id",
    "ix_sluice_archive_room_id_author_seq",
    "ix_sluice_archive_room_id_nick_seq",
)


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether Alembic may compare this with `metadata`.

    Slidge's tables are none of our business; the index of words is another thing in each database,
    and so is that of who said what.
    """
    if kind == "index":
        return name not in INDEXES_OF_POSTGRESQL
    if kind != "table" or name is None:
        return True
    return name.startswith("sluice_") and not name.startswith("sluice_archive_search")


BigKey = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""A primary key that counts itself, 64 bits wide on either database."""


def insert(conn: sa.Connection | sa.Dialect, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT, in the dialect of `conn`."""
    dialect = conn.dialect if isinstance(conn, sa.Connection) else conn
    if dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def portions(items: Sequence[T], size: int = 500) -> Iterator[Sequence[T]]:
    """`items` in order, at most `size` at a time: a statement holds only so many parameters."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
