"""Who is in which room, under which nickname: people keep theirs through restarts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.database.sql import insert, portions
from gateway.store.tables import occupant


@dataclass(frozen=True, slots=True)
class OccupantRow:
    """A member of a group, as its room shows them. `state` are JSON values."""

    room_id: int
    member_id: str
    nick: str
    state: dict[str, Any]


def put_occupants(conn: sa.Connection, rows: Sequence[OccupantRow]) -> None:
    """Add these occupants, or replace those of the same rooms and members."""
    if not rows:
        return
    put = insert(conn, occupant)
    new = {"nick": put.excluded.nick, "state": put.excluded.state}
    put = put.on_conflict_do_update(index_elements=["room_id", "member_id"], set_=new)
    conn.execute(
        put,
        [
            {
                "room_id": row.room_id,
                "member_id": row.member_id,
                "nick": row.nick,
                "state": json.dumps(row.state),
            }
            for row in rows
        ],
    )


def remove_occupants(conn: sa.Connection, room_id: int, members: Sequence[str]) -> None:
    """Remove these members from a room, as far as they are there."""
    for portion in portions(members):
        gone = occupant.c.member_id.in_(portion)
        conn.execute(sa.delete(occupant).where(occupant.c.room_id == room_id, gone))


def occupants(conn: sa.Connection, room_id: int | None = None) -> list[OccupantRow]:
    """All occupants, or those of one room."""
    rows = sa.select(occupant).order_by(occupant.c.room_id, occupant.c.member_id)
    if room_id is not None:
        rows = rows.where(occupant.c.room_id == room_id)
    return [_occupant(row) for row in conn.execute(rows)]


def _occupant(row: sa.Row[*tuple[Any, ...]]) -> OccupantRow:
    return OccupantRow(row.room_id, row.member_id, row.nick, json.loads(row.state))
