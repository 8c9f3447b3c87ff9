"""Stretches of time in an archive that is ordered by something else.

Entries are ordered as the network ordered them, and their times follow that order only nearly.
By how much they fail to is known (`Whole.disorder`), so a stretch of time lies within a stretch
of the order, which an index finds however long the archive is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from gateway.archive.tables import archive
from gateway.archive.whole import whole_of
from gateway.database.times import micros
from legacy_backend.terms import Stretch

# Adding 0 keeps both databases from walking the index of times and sorting what they find.
at = archive.c.at + 0
"""The time of an entry, for conditions on entries that are read in their order."""


def inside(stretches: Iterable[Stretch]) -> sa.ColumnElement[bool]:
    """Whether an entry is of any of these stretches."""
    return sa.or_(sa.false(), *(sa.and_(sa.true(), *_bounds(one)) for one in stretches))


def _bounds(stretch: Stretch) -> Iterator[sa.ColumnElement[bool]]:
    if stretch.start is not None:
        yield at >= micros(stretch.start)
    if stretch.end is not None:
        yield at < micros(stretch.end)


def since(conn: sa.Connection, room: int, start: int) -> int | None:
    """A place that all entries at `start` (microseconds) or later are behind; None if all are."""
    reach = start - whole_of(conn, room).disorder
    before = sa.select(archive.c.seq).where(archive.c.room_id == room, archive.c.at < reach)
    return conn.scalar(before.order_by(archive.c.at.desc()).limit(1))


def until(conn: sa.Connection, room: int, end: int) -> int | None:
    """A place that all entries at `end` (microseconds) or earlier are before; None if all are."""
    reach = end + whole_of(conn, room).disorder
    beyond = sa.select(archive.c.seq).where(archive.c.room_id == room, archive.c.at > reach)
    return conn.scalar(beyond.order_by(archive.c.at).limit(1))
