"""Copies of entries, and putting them back where they were."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.archive import whose
from gateway.archive.entry import Kind, NewEntry, StanzaId
from gateway.archive.export import PIECE
from gateway.archive.tables import archive
from gateway.archive.weave import weave
from gateway.database.times import micros, moment
from legacy_backend.terms import MessageId


@dataclass(frozen=True, slots=True)
class Copy:
    """An entry with all that the archive knows of it, and where it was."""

    entry: NewEntry
    after: StanzaId | None
    """What came directly before it in its room, whoever said that; None if it was the first."""


Place = tuple[StanzaId, int]
"""The id of an entry, and where it was when it was read."""


def piece_after(
    conn: sa.Connection, room: int, last: Place | None, authors: Collection[str] | None
) -> tuple[list[Copy], Place | None]:
    """Up to `PIECE` copies of what follows `last`, of these authors or of all, and the place of the
    last of them. As for `last`, see `export.piece_after`."""
    rows, within = _COPIED.where(archive.c.room_id == room), whose.ANYWHERE
    if authors is not None:
        rows = rows.where(archive.c.author.in_(sorted(authors)))
    if last is not None:
        same = sa.select(archive.c.seq).where(
            archive.c.room_id == room, whose.has_id(conn, room, [last[0]])
        )
        seq = conn.scalar(same)
        behind = last[1] if seq is None else seq
        rows = rows.where(archive.c.seq > behind)
        within = within.behind(behind)
    if authors is not None and whose.keeps(conn, room):
        first = whose.places(conn, room, whose.Whose(authors), within, PIECE)
        rows = rows.where(archive.c.seq.in_(first))
    found = conn.execute(rows.order_by(archive.c.seq).limit(PIECE)).all()
    place = (StanzaId(found[-1].stanza_id), found[-1].seq) if found else None
    return [_copy(row) for row in found], place


def put_back(conn: sa.Connection, room: int, copies: Sequence[Copy]) -> int:
    """Put copies, oldest first, to where they were; how many were missing.

    Each follows what it followed or, if that is gone, what was said last by then; the first of a
    room what was said before it. Those that are there stay where they are. The caller owns the
    transaction.
    """
    placed = 0
    for run in _runs(copies):
        entries = [copy.entry for copy in run]
        placed += weave(conn, room, entries, _before(conn, room, run[0]), None).placed
    return placed


def _runs(copies: Sequence[Copy]) -> Iterator[Sequence[Copy]]:
    """Cut where something else was between two."""
    start = 0
    for i in range(1, len(copies)):
        if copies[i].after != copies[i - 1].entry.stanza_id:
            yield copies[start:i]
            start = i
    if copies:
        yield copies[start:]


def _before(conn: sa.Connection, room: int, copy: Copy) -> StanzaId | None:
    """What a copy is to follow; None if it is to be the first."""
    here = sa.select(archive.c.stanza_id).where(archive.c.room_id == room)
    at = micros(copy.entry.at)
    earlier = archive.c.at < at
    if copy.after is not None:
        if conn.scalar(here.where(whose.has_id(conn, room, [copy.after]))) is not None:
            return copy.after
        earlier = archive.c.at <= at
    newest = conn.scalar(here.where(earlier).order_by(archive.c.at.desc()).limit(1))
    return None if newest is None else StanzaId(newest)


def _copy(row: sa.Row[*tuple[Any, ...]]) -> Copy:
    entry = NewEntry(
        stanza_id=StanzaId(row.stanza_id),
        message_id=row.message_id,
        at=moment(row.at),
        nick=row.nick,
        author=row.author,
        stanza=row.stanza,
        kind=Kind(row.kind),
        legacy_id=None if row.legacy_id is None else MessageId(row.legacy_id),
        body=row.body,
        refers_to=None if row.refers_to is None else MessageId(row.refers_to),
    )
    return Copy(entry, None if row.after is None else StanzaId(row.after))


_other = archive.alias()
_AFTER = (
    sa.select(_other.c.stanza_id)
    .where(_other.c.room_id == archive.c.room_id, _other.c.seq < archive.c.seq)
    .order_by(_other.c.seq.desc())
    .limit(1)
    .correlate(archive)
    .scalar_subquery()
)
_COPIED = sa.select(archive, _AFTER.label("after"))
