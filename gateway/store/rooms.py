"""Which rooms there are."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import sqlalchemy as sa

from gateway.database.sql import insert
from gateway.store.tables import room


class RoomRow(NamedTuple):
    """A room. `owner` is the bare JID whose personal room it is, "" for a shared one."""

    id: int
    owner: str
    legacy_id: str
    localpart: str
    text: str
    """Its state as it is written."""

    @property
    def state(self) -> dict[str, Any]:
        """JSON values."""
        state: dict[str, Any] = json.loads(self.text)
        return state


_columns = room.c.id, room.c.owner, room.c.legacy_id, room.c.localpart, room.c.state


def all_rooms(conn: sa.Connection) -> list[RoomRow]:
    """Every room, in the order in which they were made."""
    return [RoomRow(*row) for row in conn.execute(sa.select(*_columns).order_by(room.c.id))]


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
    there = sa.select(*_columns).where(room.c.owner == owner, room.c.legacy_id == legacy_id)
    return RoomRow(*conn.execute(there).one())


def save_state(conn: sa.Connection, room_id: int, text: str) -> None:
    """Replace a room's state."""
    conn.execute(sa.update(room).where(room.c.id == room_id).values(state=text))


def delete_room(conn: sa.Connection, room_id: int) -> bool:
    """Delete a room, its seats and its occupants; False if there is none. Its localpart stays."""
    return conn.execute(sa.delete(room).where(room.c.id == room_id)).rowcount > 0
