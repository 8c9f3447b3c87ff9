"""What somebody who joins is shown of the past (XEP-0045 §7.2.13)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from gateway.archive import span
from gateway.archive.entry import Entry, Kind
from gateway.archive.tables import ENTRY, archive, entry_of
from gateway.database.times import micros

NOT_REPLAYED = (Kind.SUBJECT.value, Kind.MARKER.value)


def history(conn: sa.Connection, room: int, limit: int, since: datetime | None) -> list[Entry]:
    """The newest `limit` entries that are replayed, oldest first; from `since` on, inclusive."""
    rows = sa.select(*ENTRY).where(archive.c.room_id == room, archive.c.kind.not_in(NOT_REPLAYED))
    if since is not None:
        rows = rows.where(span.at >= micros(since))
        before = span.since(conn, room, micros(since))
        if before is not None:
            rows = rows.where(archive.c.seq > before)
    newest = conn.execute(rows.order_by(archive.c.seq.desc()).limit(limit)).all()
    return [entry_of(row) for row in reversed(newest)]
