"""Reading all of a room, piece by piece, while it goes on living."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.archive import whose
from gateway.archive.entry import Entry
from gateway.archive.tables import ENTRY, archive, entry_of

PIECE = 500


def piece_after(conn: sa.Connection, room: int, last: Entry | None) -> list[Entry]:
    """Up to `PIECE` entries that follow `last`, or the first ones; empty at the end.

    `last` is found again by its id, since filling a gap may have moved it; if it was deleted
    meanwhile, by the place it had.
    """
    rows = sa.select(*ENTRY).where(archive.c.room_id == room)
    if last is not None:
        same = sa.select(archive.c.seq).where(
            archive.c.room_id == room, whose.has_id(conn, room, [last.stanza_id])
        )
        seq = conn.scalar(same)
        rows = rows.where(archive.c.seq > (last.seq if seq is None else seq))
    return [entry_of(row) for row in conn.execute(rows.order_by(archive.c.seq).limit(PIECE))]
