"""Moving entries apart where a gap has to take more than fits between them."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.archive import index, whose
from gateway.archive.append import STRIDE
from gateway.archive.tables import WHOSE, archive
from gateway.archive.whole import Whole

FIRST_WINDOW = 64
ROOMY = 1 << 8
"""The least distance that is worth moving entries for, so that it is not needed again soon."""

_AWAY = 1 << 62
"""Beyond all places in use: where entries wait so that no two are ever in one place."""


def room_for(conn: sa.Connection, room: int, low: int, n: int, held: Whole) -> tuple[int, int]:
    """Make room for `n` entries behind the one at `low`; the places that bound it.

    Renumbers as few of those that follow as leave some distance between all, at worst up to the
    last, behind which room is endless.
    """
    window = FIRST_WINDOW
    while True:
        rows = sa.select(archive.c.id, archive.c.seq, *WHOSE, archive.c.body)
        rows = rows.where(archive.c.room_id == room, archive.c.seq > low)
        following = conn.execute(rows.order_by(archive.c.seq).limit(window + 1)).all()
        if len(following) <= window:
            moving = following
            step = STRIDE
            break
        moving = following[:window]
        step = (following[window].seq - low) // (n + window + 1)
        if step >= ROOMY:
            break
        window *= 2
    high = low + (n + 1) * step
    moved = [{"row": row.id, "place": high + i * step} for i, row in enumerate(moving)]
    here = archive.c.room_id == room
    inside = archive.c.seq.between(low + 1, moving[-1].seq)
    index.remove(conn, [index.Text(room, row.seq, row.author, row.body) for row in moving])
    whose.remove(
        conn,
        [whose.Said(room, row.seq, row.author, row.nick, row.stanza_id) for row in moving],
    )
    conn.execute(sa.update(archive).where(here, inside).values(seq=archive.c.seq + _AWAY))
    conn.execute(_MOVE, moved)
    index.add(
        conn,
        [index.Text(room, high + i * step, row.author, row.body) for i, row in enumerate(moving)],
    )
    whose.add(
        conn,
        [
            whose.Said(room, high + i * step, row.author, row.nick, row.stanza_id)
            for i, row in enumerate(moving)
        ],
    )
    held.last = max(held.last, moved[-1]["place"])
    return low, high


_MOVE = (
    sa.update(archive).where(archive.c.id == sa.bindparam("row")).values(seq=sa.bindparam("place"))
)
