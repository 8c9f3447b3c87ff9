"""Taking things out of an archive: a text, what is too old, or all of a room."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gateway.archive import index, whole, whose
from gateway.archive.entry import StanzaId
from gateway.archive.supersede import empty_bodies
from gateway.archive.tables import WHOSE, archive, archive_room, gap

STEP = 500
"""Entries deleted in one transaction, so that live messages hardly wait."""


def tombstone(conn: sa.Connection, room: int, stanza_id: StanzaId, stanza: str) -> bool:
    """Put another stanza in the place of one, of which only ids, author and time stay.

    False if the room has no entry with this id (XEP-0424 §5.1).
    """
    here = archive.c.room_id == room, whose.has_id(conn, room, [stanza_id])
    found = conn.execute(_SAID.where(*here)).one_or_none()
    if found is None:
        return False
    empty_bodies(conn, room, [found])
    conn.execute(sa.update(archive).where(archive.c.id == found.id).values(stanza=stanza))
    return True


def delete_older(conn: sa.Connection, room: int, than: int) -> int:
    """Delete up to `STEP` entries from before `than` (microseconds), the oldest first.

    Returns how many; fewer than `STEP` means that none is left.
    """
    old = _SAID.where(archive.c.room_id == room, archive.c.at < than)
    return _delete(conn, room, old.order_by(archive.c.at))


def delete_by(conn: sa.Connection, room: int, author: str) -> int:
    """Delete up to `STEP` entries by one author; fewer means that none is left."""
    theirs = _SAID.where(archive.c.room_id == room, archive.c.author == author)
    if whose.keeps(conn, room):
        first = whose.places(conn, room, whose.Whose([author]), whose.ANYWHERE, STEP)
        theirs = theirs.where(archive.c.seq.in_(first))
    return _delete(conn, room, theirs.order_by(archive.c.seq))


def delete_some(conn: sa.Connection, room: int) -> int:
    """Delete up to `STEP` entries, the first ones; fewer means that the room has none left."""
    first = _SAID.where(archive.c.room_id == room)
    deleted = _delete(conn, room, first.order_by(archive.c.seq))
    if deleted < STEP:
        conn.execute(sa.delete(archive_room).where(archive_room.c.room_id == room))
        conn.execute(sa.delete(gap).where(gap.c.room_id == room))
    return deleted


def _delete(conn: sa.Connection, room: int, some: sa.Select[Any]) -> int:
    rows = conn.execute(some.limit(STEP)).all()
    if rows:
        index.remove(conn, [index.Text(room, row.seq, row.author, row.body) for row in rows])
        whose.remove(
            conn, [whose.Said(room, row.seq, row.author, row.nick, row.stanza_id) for row in rows]
        )
        conn.execute(sa.delete(archive).where(archive.c.id.in_([row.id for row in rows])))
        whole.fewer(conn, room, len(rows))
    return len(rows)


_SAID = sa.select(archive.c.id, archive.c.seq, *WHOSE, archive.c.body)
