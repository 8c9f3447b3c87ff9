"""Pages of an archive (XEP-0313 §4, XEP-0059), read by key: their place costs nothing."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.archive.entry import StanzaId
from gateway.archive.find import seq_of
from gateway.archive.query import Page, Query
from gateway.archive.span import since, until
from gateway.archive.tables import ENTRY, archive, entry_of
from gateway.archive.whole import whole_of
from gateway.database.sql import portions
from gateway.database.times import micros
from gateway.errors import NotInArchive

Conditions = list[sa.ColumnElement[bool]]


def page(conn: sa.Connection, room: int, query: Query) -> Page:
    """One page of what `query` chooses.

    Raises NotInArchive if any id in it is of no entry of this room (XEP-0313 §4.1.3, §4.3.2).
    """
    chosen = _chosen(conn, room, query)
    bounds: Conditions = []
    if query.after is not None:
        bounds.append(archive.c.seq > seq_of(conn, room, query.after))
    if query.before is not None:
        bounds.append(archive.c.seq < seq_of(conn, room, query.before))
    if query.start is not None:
        bounds += since(conn, room, micros(query.start))
    if query.end is not None:
        bounds += until(conn, room, micros(query.end))
    order = archive.c.seq.desc() if query.backwards else archive.c.seq
    rows = sa.select(*ENTRY).where(archive.c.room_id == room, *chosen, *bounds)
    rows = rows.order_by(order).limit(query.limit + 1)
    found = [entry_of(row) for row in conn.execute(rows)]
    entries = found[: query.limit]
    if query.backwards:
        entries.reverse()
    count = _count(conn, room, chosen + _times(query)) if query.count else None
    return Page(entries, complete=len(found) <= query.limit, count=count)


def _chosen(conn: sa.Connection, room: int, query: Query) -> Conditions:
    """What a query asks for, whatever the page, but for its times."""
    chosen: Conditions = []
    if query.author is not None:
        chosen.append(archive.c.author == query.author)
    if query.nick is not None:
        chosen.append(archive.c.nick == query.nick)
    if query.after_id is not None:
        chosen.append(archive.c.seq > seq_of(conn, room, query.after_id))
    if query.before_id is not None:
        chosen.append(archive.c.seq < seq_of(conn, room, query.before_id))
    if query.ids:
        chosen.append(archive.c.seq.in_(_seqs_of(conn, room, query.ids)))
    return chosen


def _times(query: Query) -> Conditions:
    """The times of a query, for an index that has nothing else in it."""
    times: Conditions = []
    if query.start is not None:
        times.append(archive.c.at >= micros(query.start))
    if query.end is not None:
        times.append(archive.c.at <= micros(query.end))
    return times


def _seqs_of(conn: sa.Connection, room: int, ids: tuple[StanzaId, ...]) -> list[int]:
    rows = sa.select(archive.c.stanza_id, archive.c.seq).where(archive.c.room_id == room)
    found = {
        stanza_id: seq
        for portion in portions(ids)
        for stanza_id, seq in conn.execute(rows.where(archive.c.stanza_id.in_(portion)))
    }
    for id in ids:
        if id not in found:
            raise NotInArchive(id)
    return list(found.values())


def _count(conn: sa.Connection, room: int, chosen: Conditions) -> int:
    if not chosen:
        return whole_of(conn, room).entries
    rows = sa.select(sa.func.count()).select_from(archive)
    return conn.scalar(rows.where(archive.c.room_id == room, *chosen)) or 0
