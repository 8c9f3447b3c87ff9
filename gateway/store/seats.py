"""Who sits in which room, so that nobody has to rejoin after a restart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from gateway.database.sql import insert
from gateway.database.times import micros, moment
from gateway.store.tables import seat


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A full JID that joined a room, and the occupant it sits on."""

    room_id: int
    jid: str
    nick: str
    occupant: str
    joined_at: datetime


def put_seat(conn: sa.Connection, row: SeatRow) -> None:
    """Add a seat, or replace the one that this JID has in the room."""
    values = {
        "room_id": row.room_id,
        "jid": row.jid,
        "nick": row.nick,
        "occupant": row.occupant,
        "joined_at": micros(row.joined_at),
    }
    put = insert(conn, seat).values(values)
    conn.execute(put.on_conflict_do_update(index_elements=["room_id", "jid"], set_=values))


def remove_seat(conn: sa.Connection, room_id: int, jid: str) -> None:
    """Remove a seat, if it is there."""
    conn.execute(sa.delete(seat).where(seat.c.room_id == room_id, seat.c.jid == jid))


def seats(conn: sa.Connection) -> list[SeatRow]:
    """All seats, in the order in which they were taken."""
    rows = sa.select(seat).order_by(seat.c.joined_at, seat.c.room_id, seat.c.jid)
    return [_seat(row) for row in conn.execute(rows)]


def _seat(row: sa.Row[*tuple[Any, ...]]) -> SeatRow:
    return SeatRow(row.room_id, row.jid, row.nick, row.occupant, moment(row.joined_at))
