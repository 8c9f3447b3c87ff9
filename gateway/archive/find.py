"""Single entries, by what is known of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain

import sqlalchemy as sa

from gateway.archive import whose
from gateway.archive.entry import Entry, Kind, NewEntry, StanzaId
from gateway.archive.gap import Known
from gateway.archive.tables import ENTRY, archive, entry_of
from gateway.database.sql import portions
from gateway.database.times import moment
from gateway.errors import NotInArchive
from legacy_backend.terms import MessageId


def seq_of(conn: sa.Connection, room: int, stanza_id: StanzaId) -> int:
    """Where an entry is. Raises NotInArchive if the room has none with this id."""
    rows = sa.select(archive.c.seq).where(
        archive.c.room_id == room, whose.has_id(conn, room, [stanza_id])
    )
    seq = conn.scalar(rows)
    if seq is None:
        raise NotInArchive(stanza_id)
    return int(seq)


def find(
    conn: sa.Connection,
    room: int,
    *,
    stanza_id: str | None = None,
    legacy_id: str | None = None,
    message_id: str | None = None,
    author: str | None = None,
) -> Entry | None:
    """The newest entry to which all that is given applies."""
    given = {
        archive.c.legacy_id: legacy_id,
        archive.c.author: author,
    }
    same = [column == value for column, value in given.items() if value is not None]
    if stanza_id is not None:
        same.append(whose.has_id(conn, room, [stanza_id]))
    if message_id is not None:
        same.append(archive.c.message_id == message_id)
    if not same:
        raise ValueError("an entry is found by an id or an author")
    newest = archive.c.seq.desc()
    if message_id is None:
        if stanza_id is None and legacy_id is None and whose.keeps(conn, room):
            within = whose.ANYWHERE._replace(backwards=True)
            place = whose.places(conn, room, whose.Whose([str(author)]), within, 1)
            same.append(archive.c.seq.in_(place))
        return _first(conn, room, newest, *same)
    ours = _first(conn, room, newest, *same, whose.has_id(conn, room, [message_id]))
    # The index of message ids has no others.
    theirs = _first(conn, room, newest, *same, archive.c.message_id != archive.c.stanza_id)
    found = [entry for entry in (ours, theirs) if entry is not None]
    return max(found, key=lambda entry: entry.seq, default=None)


def called(conn: sa.Connection, room: int, id: str) -> list[Entry]:
    """The entries with an id, whosever it is: the room's, the network's, the client's."""
    found = (
        find(conn, room, stanza_id=id),
        find(conn, room, legacy_id=id),
        find(conn, room, message_id=id),
    )
    return list({entry.seq: entry for entry in found if entry is not None}.values())


def versions(conn: sa.Connection, room: int, legacy_id: str) -> list[Entry]:
    """A message and all its corrections, the ones by others too; those that are there."""
    of_room = sa.select(*ENTRY).where(archive.c.room_id == room)
    original = of_room.where(archive.c.legacy_id == legacy_id)
    edits = of_room.where(archive.c.refers_to == legacy_id, archive.c.kind == Kind.EDIT.value)
    return [entry_of(row) for rows in (original, edits) for row in conn.execute(rows)]


def retractions(
    conn: sa.Connection, room: int, legacy_ids: Collection[str]
) -> list[tuple[MessageId, str]]:
    """Which of these messages were taken back, and by whom; "" is the room itself, for a moderator.
    Whether somebody was their author is not looked at."""
    found: list[tuple[MessageId, str]] = []
    for portion in portions(sorted(legacy_ids)):
        rows = sa.select(archive.c.refers_to, archive.c.author).where(
            archive.c.room_id == room,
            archive.c.refers_to.in_(portion),
            archive.c.kind == Kind.RETRACTION.value,
        )
        found += [(MessageId(id), author) for id, author in conn.execute(rows)]
    return found


def find_same(conn: sa.Connection, room: int, entry: NewEntry) -> Entry:
    """The entry that keeps `entry` out: it has its stanza id, or else its legacy id."""
    same = find(conn, room, stanza_id=entry.stanza_id)
    if same is None and entry.legacy_id is not None:
        same = find(conn, room, legacy_id=entry.legacy_id)
    if same is None:
        raise LookupError(f"nothing keeps {entry.stanza_id} out of the archive of room {room}")
    return same


def edges(conn: sa.Connection, room: int) -> tuple[Entry, Entry] | None:
    """The first and the last entry; None if there is none."""
    first = _first(conn, room, archive.c.seq)
    last = _first(conn, room, archive.c.seq.desc())
    return None if first is None or last is None else (first, last)


def newest_known(conn: sa.Connection, rooms: Sequence[int]) -> dict[int, Known]:
    """Of each room the last entry that the network knows by an id of its own, where there is one;
    at a start that is asked of all rooms at once."""
    found: dict[int, Known] = {}
    for portion in portions(rooms):
        these = sa.values(sa.column("id", sa.Integer), name="these").data([(r,) for r in portion])
        asked, other = these.cte("asked"), archive.alias()
        last = (
            sa.select(other.c.seq)
            .where(other.c.room_id == asked.c.id, other.c.legacy_id.is_not(None))
            .order_by(other.c.seq.desc())
            .limit(1)
            .scalar_subquery()
        )
        rows = sa.select(archive.c.room_id, archive.c.legacy_id, archive.c.at).join_from(
            asked, archive, sa.and_(archive.c.room_id == asked.c.id, archive.c.seq == last)
        )
        found |= {room: (MessageId(id), moment(at)) for room, id, at in conn.execute(rows)}
    return found


def stanzas_with(
    conn: sa.Connection, room: int, text: str, by: Collection[str] | None, but: Collection[str]
) -> list[str]:
    """See `Archive.stanzas_with`."""
    rows = sa.select(archive.c.stanza).where(
        archive.c.room_id == room, archive.c.stanza.contains(text, autoescape=True)
    )
    if by is not None:
        rows = rows.where(archive.c.author.in_(sorted(by)))
        if whose.keeps(conn, room):
            found = whose.all_places(conn, room, whose.Whose(by), whose.ANYWHERE)
            theirs = (conn.scalars(rows.where(archive.c.seq.in_(places))) for places in found)
            return list(chain.from_iterable(theirs))
    if but:
        rows = rows.where(archive.c.author.not_in(sorted(but)))
    return list(conn.scalars(rows))


def _first(
    conn: sa.Connection,
    room: int,
    order: sa.ColumnElement[int],
    *conditions: sa.ColumnElement[bool],
) -> Entry | None:
    rows = sa.select(*ENTRY).where(archive.c.room_id == room, *conditions)
    row = conn.execute(rows.order_by(order).limit(1)).one_or_none()
    return None if row is None else entry_of(row)
