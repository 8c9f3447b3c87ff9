"""Putting what the network has between what the archive has, in the network's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from gateway.archive import whose
from gateway.archive.changes import changes_follow, first_change, originals_first
from gateway.archive.entry import Kind, NewEntry, StanzaId
from gateway.archive.find import seq_of
from gateway.archive.insert import insert
from gateway.archive.tables import archive
from gateway.database.sql import portions


@dataclass(frozen=True, slots=True)
class Woven:
    """What came of it: how many were new and are in their places, and what is left to append."""

    placed: int
    tail: Sequence[NewEntry]
    """Those that follow all that the network ever said in this room, of an open stretch."""
    passed: Sequence[NewEntry] = ()
    """As `tail`, but in their places: nothing follows but what was done to messages, later."""


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
    the archive, and before what was done to it. `after` and `before` are what the stretch follows
    and precedes directly, None for nothing. With `keep_tail` what would come behind everything is
    handed back instead, if the stretch has no `before`. The caller owns the transaction.
    """
    entries = originals_first(entries)
    known = _known(conn, room, entries)
    cursor = after
    run: list[NewEntry] = []
    placed = 0
    passed: list[NewEntry] = []
    for entry in [*entries, None]:
        anchor = None if entry is None else _anchor(known, entry)
        if entry is not None and anchor is None:
            run.append(entry)
            continue
        if run:
            last = keep_tail and before is None and _is_last(conn, room, cursor)
            follows = end = None
            if anchor is None and last and not changes_follow(conn, room, cursor):
                return Woven(placed, run, passed)
            if anchor is None and cursor is not None:
                follows = cursor
            else:
                end = anchor or before
                end = first_change(conn, room, run, cursor, end) or end
            placed += insert(conn, room, run, after=follows, before=end)
            passed += run if last else ()
        cursor, run = anchor, []
    return Woven(placed, (), passed)


def _anchor(known: Mapping[str, StanzaId], entry: NewEntry) -> StanzaId | None:
    return known.get(entry.legacy_id or "") or known.get(entry.stanza_id)


def _known(conn: sa.Connection, room: int, entries: Sequence[NewEntry]) -> dict[str, StanzaId]:
    """Those of `entries` that are there, by either id, with the stanza id that they have there."""
    found: dict[str, StanzaId] = {}
    ids = sa.select(archive.c.stanza_id, archive.c.legacy_id).where(archive.c.room_id == room)
    for portion in portions(entries, 400):
        legacy_ids = [entry.legacy_id for entry in portion if entry.legacy_id]
        stanza_ids = [entry.stanza_id for entry in portion]
        same_id = whose.has_id(conn, room, stanza_ids)
        for same in (archive.c.legacy_id.in_(legacy_ids), same_id):
            for stanza_id, legacy_id in conn.execute(ids.where(same)):
                found[stanza_id] = StanzaId(stanza_id)
                if legacy_id is not None:
                    found[legacy_id] = StanzaId(stanza_id)
    return found


def _is_last(conn: sa.Connection, room: int, stanza_id: StanzaId | None) -> bool:
    """Whether no message of the network's follows; None is the beginning."""
    later = sa.select(archive.c.id).where(
        archive.c.room_id == room,
        archive.c.legacy_id.is_not(None),
        archive.c.kind == Kind.MESSAGE.value,
    )
    if stanza_id is not None:
        later = later.where(archive.c.seq > seq_of(conn, room, stanza_id))
    return conn.scalar(later.limit(1)) is None
