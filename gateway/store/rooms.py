"""Which rooms there are."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.database.sql import insert
from gateway.store.tables import room


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room. `owner` is the bare JID whose personal room it is, "" for a shared one."""

    id: int
    owner: str
    legacy_id: str
    localpart: str
    state: dict[str, Any]
    """JSON values."""


def all_rooms(conn: sa.Connection) -> list[RoomRow]:
    """Every room, in the order in which they were made."""
    return [_room(row) for row in conn.execute(sa.select(room).order_by(room.c.id))]


def add_room(
    conn: sa.Connection, owner: str, legacy_id: str, localpart: str, state: dict[str, Any]
) -> RoomRow:
    """Make a room; the one that is there if `owner` has one of this group already.

    Raises IntegrityError if another room of the owner has this localpart.
    """
    values = {
        "owner": owner,
        "legacy_id": legacy_id,
        "localpart": localpart,
        "state": json.dumps(state),
    }
    wanted = insert(conn, room).values(values)
    conn.execute(wanted.on_conflict_do_nothing(index_elements=["owner", "legacy_id"]))
    there = sa.select(room).where(room.c.owner == owner, room.c.legacy_id == legacy_id)
    return _room(conn.execute(there).one())


def save_state(conn: sa.Connection, room_id: int, state: dict[str, Any]) -> None:
    """Replace a room's state."""
    conn.execute(sa.update(room).where(room.c.id == room_id).values(state=json.dumps(state)))


def delete_room(conn: sa.Connection, room_id: int) -> bool:
    """Delete a room, its seats and its occupants; False if there is none. Its localpart stays."""
    return conn.execute(sa.delete(room).where(room.c.id == room_id)).rowcount > 0


def _room(row: sa.Row[*tuple[Any, ...]]) -> RoomRow:
    return RoomRow(row.id, row.owner, row.legacy_id, row.localpart, json.loads(row.state))
