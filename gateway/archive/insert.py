"""Filling a gap: messages of the past, put where they belong in the order."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from gateway.archive import whole, whose
from gateway.archive.append import STRIDE, add_to_indexes, row_of
from gateway.archive.entry import NewEntry, StanzaId
from gateway.archive.find import seq_of
from gateway.archive.patch import patched
from gateway.archive.room_for import room_for
from gateway.archive.supersede import corrected_before, supersede
from gateway.archive.tables import archive
from gateway.archive.whole import Whole
from gateway.database.sql import insert as insert_into
from gateway.database.sql import portions
from gateway.database.times import micros


def insert(
    conn: sa.Connection,
    room: int,
    entries: Sequence[NewEntry],
    after: StanzaId | None,
    before: StanzaId | None,
) -> int:
    """Put entries, in this order, directly after `after`, else before `before`; how many were new.

    With neither they become the first ones. With both, what is between the two already stays
    there, behind the new ones. Those that the archive has are skipped, wherever they are.

    Raises NotInArchive if `after` or `before` is of no entry, ValueError if they are not in this
    order. The caller owns the transaction.
    """
    held = whole.hold(conn, [room])[room]
    low = None if after is None else seq_of(conn, room, after)
    high = None if before is None else seq_of(conn, room, before)
    if low is not None and high is not None and low >= high:
        raise ValueError(f"{after} does not come before {before} in the archive of room {room}")
    new = _without_known(conn, room, entries)
    if not new:
        return 0
    if low is not None:
        high = _neighbour(conn, room, archive.c.seq > low, archive.c.seq)
    else:
        if high is None:
            high = _neighbour(conn, room, sa.true(), archive.c.seq)
        if high is not None:
            low = _neighbour(conn, room, archive.c.seq < high, archive.c.seq.desc())
    _note(held, [micros(e.at) for e in new], _at(conn, room, low), _at(conn, room, high))
    seqs = _places(conn, room, low, high, len(new), held)
    _store(conn, room, new, seqs)
    held.last = max(held.last, seqs[-1])
    whole.save(conn, [held])
    return len(new)


def _places(
    conn: sa.Connection, room: int, low: int | None, high: int | None, n: int, held: Whole
) -> Sequence[int]:
    """`n` free places between two neighbours, of which either may be missing."""
    if high is None:
        begin = held.last if low is None else max(low, held.last)
        return range(begin + STRIDE, begin + (n + 1) * STRIDE, STRIDE)
    if low is None:
        return range(high - n * STRIDE, high, STRIDE)
    if high - low <= n:
        low, high = room_for(conn, room, low, n, held)
    step = (high - low) // (n + 1)
    return range(low + step, low + n * step + 1, step)


def _store(conn: sa.Connection, room: int, new: Sequence[NewEntry], seqs: Sequence[int]) -> None:
    """One by one where an entry refers to another, which then is in the database before."""
    placed = list(zip(new, seqs, strict=True))
    statement = insert_into(conn, archive)
    alone = any(entry.patch is not None for entry in new)
    for portion in portions(placed, 1 if alone else 500):
        stanzas = patched(conn, [(room, entry) for entry, _ in portion])
        rows = [
            row_of(room, entry, stanza, seq)
            for (entry, seq), stanza in zip(portion, stanzas, strict=True)
        ]
        conn.execute(statement, rows)
        add_to_indexes(conn, rows)
        supersede(conn, rows)
    corrected_before(conn, room, {entry.legacy_id for entry in new if entry.legacy_id})


def _without_known(
    conn: sa.Connection, room: int, entries: Sequence[NewEntry]
) -> Sequence[NewEntry]:
    """Those that neither the archive has nor an earlier one of them is."""
    known: set[tuple[str, str]] = set()
    for portion in portions(entries, 400):
        stanza_ids = whose.has_id(conn, room, [e.stanza_id for e in portion])
        legacy_ids = archive.c.legacy_id.in_([e.legacy_id for e in portion if e.legacy_id])
        of_room = archive.c.room_id == room
        known.update(
            ("stanza", id)
            for id in conn.scalars(sa.select(archive.c.stanza_id).where(of_room, stanza_ids))
        )
        known.update(
            ("legacy", id)
            for id in conn.scalars(sa.select(archive.c.legacy_id).where(of_room, legacy_ids))
        )
    new = []
    for entry in entries:
        ids = {("stanza", str(entry.stanza_id))}
        if entry.legacy_id is not None:
            ids.add(("legacy", entry.legacy_id))
        if ids.isdisjoint(known):
            new.append(entry)
            known |= ids
    return new


def _note(held: Whole, times: Sequence[int], at_low: int | None, at_high: int | None) -> None:
    """Take note of entries with these times between two others.

    Nothing before the lower neighbour is later than it by more than the disorder, and nothing
    behind the upper one is earlier by more, so that nobody else has to be looked at.
    """
    known = held.disorder
    if at_low is not None:
        latest = min(at_low + known, held.latest)
        for at in times:
            held.disorder = max(held.disorder, latest - at)
            latest = max(latest, at)
    else:
        _note_among(held, times)
    if at_high is not None:
        earliest = at_high - known
        held.disorder = max(held.disorder, max(times) - earliest)
    held.latest = max(held.latest, *times)
    held.entries += len(times)


def _note_among(held: Whole, times: Sequence[int]) -> None:
    latest = times[0]
    for at in times:
        held.disorder = max(held.disorder, latest - at)
        latest = max(latest, at)


def _neighbour(
    conn: sa.Connection,
    room: int,
    condition: sa.ColumnElement[bool],
    order: sa.ColumnElement[int],
) -> int | None:
    rows = sa.select(archive.c.seq).where(archive.c.room_id == room, condition)
    return conn.scalar(rows.order_by(order).limit(1))


def _at(conn: sa.Connection, room: int, seq: int | None) -> int | None:
    if seq is None:
        return None
    rows = sa.select(archive.c.at).where(archive.c.room_id == room, archive.c.seq == seq)
    return conn.scalar(rows)
