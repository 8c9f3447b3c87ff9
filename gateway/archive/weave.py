"""Putting what the network has between what the archive has, in the network's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from gateway.archive.entry import Kind, NewEntry, StanzaId
from gateway.archive.insert import insert
from gateway.archive.tables import archive
from gateway.database.sql import portions


@dataclass(frozen=True, slots=True)
class Woven:
    """What came of it: how many were new and are in their places, and what is left to append."""

    placed: int
    tail: Sequence[NewEntry]
    """Those that follow all that the network ever said in this room, of an open stretch."""


def weave(
    conn: sa.Connection,
    room: int,
    entries: Sequence[NewEntry],
    after: StanzaId | None,
    before: StanzaId | None,
    *,
    keep_tail: bool = False,
) -> Woven:
    """Put each of `entries`, a stretch without holes, to its place; skip those that are there.

    Those that are there hold the others: what stands between two of them in the stretch, will in
    the archive. `after` and `before` are what the stretch follows and precedes directly, None for
    nothing. With `keep_tail` what would come behind everything is handed back instead, if the
    stretch has no `before`. The caller owns the transaction.
    """
    known = _known(conn, room, entries)
    cursor, end = after, before
    run: list[NewEntry] = []
    placed = 0
    for entry in entries:
        anchor = known.get(entry.legacy_id or "") or known.get(entry.stanza_id)
        if anchor is None:
            run.append(entry)
            continue
        placed += insert(conn, room, run, after=None, before=anchor) if run else 0
        cursor, run = anchor, []
    if not run:
        return Woven(placed, ())
    if cursor is None:
        return Woven(placed + insert(conn, room, run, after=None, before=end), ())
    if keep_tail and end is None and _is_last(conn, room, cursor):
        return Woven(placed, run)
    return Woven(placed + insert(conn, room, run, after=cursor, before=None), ())


def _known(conn: sa.Connection, room: int, entries: Sequence[NewEntry]) -> dict[str, StanzaId]:
    """Those of `entries` that are there, by either id, with the stanza id that they have there."""
    found: dict[str, StanzaId] = {}
    ids = sa.select(archive.c.stanza_id, archive.c.legacy_id).where(archive.c.room_id == room)
    for portion in portions(entries, 400):
        legacy_ids = [entry.legacy_id for entry in portion if entry.legacy_id]
        stanza_ids = [entry.stanza_id for entry in portion]
        for same in (archive.c.legacy_id.in_(legacy_ids), archive.c.stanza_id.in_(stanza_ids)):
            for stanza_id, legacy_id in conn.execute(ids.where(same)):
                found[stanza_id] = StanzaId(stanza_id)
                if legacy_id is not None:
                    found[legacy_id] = StanzaId(stanza_id)
    return found


def _is_last(conn: sa.Connection, room: int, stanza_id: StanzaId) -> bool:
    """Whether no message of the network's follows."""
    last = sa.select(archive.c.stanza_id).where(
        archive.c.room_id == room,
        archive.c.legacy_id.is_not(None),
        archive.c.kind == Kind.MESSAGE.value,
    )
    newest = conn.scalar(last.order_by(archive.c.seq.desc()).limit(1))
    if newest is None or newest == stanza_id:
        return True
    here = sa.select(archive.c.seq).where(archive.c.room_id == room)
    of = {id: conn.scalar(here.where(archive.c.stanza_id == id)) or 0 for id in (newest, stanza_id)}
    return of[stanza_id] > of[newest]
