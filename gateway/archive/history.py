"""What somebody who joins is shown of the past (XEP-0045 §7.2.13)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from gateway.archive import span
from gateway.archive.entry import Entry, Kind
from gateway.archive.tables import ENTRY, archive, entry_of
from gateway.database.times import micros
from legacy_backend.terms import Stretch

NOT_REPLAYED = (Kind.SUBJECT.value, Kind.MARKER.value)


def history(
    conn: sa.Connection,
    room: int,
    limit: int,
    since: datetime | None,
    within: Sequence[Stretch] | None = None,
) -> list[Entry]:
    """The newest `limit` entries that are replayed, oldest first; from `since` on, inclusive.

    With `within`, those that were said in one of these stretches.
    """
    rows = sa.select(*ENTRY).where(archive.c.room_id == room, archive.c.kind.not_in(NOT_REPLAYED))
    if within is not None:
        rows = rows.where(span.inside(within))
        starts = [stretch.start for stretch in within]
        if starts and None not in starts:  # look no further back than anything may be seen
            first = min(filter(None, starts))
            since = first if since is None else max(since, first)
    if since is not None:
        rows = rows.where(span.at >= micros(since))
        before = span.since(conn, room, micros(since))
        if before is not None:
            rows = rows.where(archive.c.seq > before)
    newest = conn.execute(rows.order_by(archive.c.seq.desc()).limit(limit)).all()
    return [entry_of(row) for row in reversed(newest)]
