"""What is known of a room's archive as a whole, so that its length does not matter."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from gateway.archive.tables import archive_room
from gateway.database.sql import insert, portions


@dataclass(slots=True)
class Whole:
    """One row of `sluice_archive_room`, which a writer holds and keeps true."""

    room_id: int
    last: int = 0
    """No entry has a greater seq."""
    entries: int = 0
    latest: int = 0
    """No entry has a later time."""
    disorder: int = 0
    """How much later than an entry, at most, any entry before it is; 0 if all are in order of
    time. It tells how far a search by time has to look beyond what it looks for."""

    def joined_at_end(self, at: int) -> None:
        """Take note of a new last entry of this time."""
        self.entries += 1
        if at < self.latest:
            self.disorder = max(self.disorder, self.latest - at)
        else:
            self.latest = at


def hold(conn: sa.Connection, rooms: Collection[int]) -> dict[int, Whole]:
    """The rooms' rows, made if missing, and nobody else's to write until the transaction ends."""
    wanted = sorted(rooms)
    held = _read(conn, wanted)
    missing = [{"room_id": room, **_EMPTY} for room in wanted if room not in held]
    if missing:
        conn.execute(insert(conn, archive_room).on_conflict_do_nothing(), missing)
        held |= _read(conn, [row["room_id"] for row in missing])
    return held


def save(conn: sa.Connection, wholes: Iterable[Whole]) -> None:
    """Write rows back."""
    conn.execute(
        _SAVE,
        [
            {
                "room": whole.room_id,
                "new_last": whole.last,
                "new_entries": whole.entries,
                "new_latest": whole.latest,
                "new_disorder": whole.disorder,
            }
            for whole in wholes
        ],
    )


def whole_of(conn: sa.Connection, room: int) -> Whole:
    """A room's row, to be read only; one of zeros if there is none."""
    rows = sa.select(archive_room).where(archive_room.c.room_id == room)
    found = conn.execute(rows).one_or_none()
    return Whole(room) if found is None else Whole(*found)


def counts(conn: sa.Connection) -> dict[int, int]:
    """How many entries each room has; rooms without any are left out."""
    rows = sa.select(archive_room.c.room_id, archive_room.c.entries)
    return {row.room_id: row.entries for row in conn.execute(rows) if row.entries}


def fewer(conn: sa.Connection, room: int, by: int) -> None:
    """Take note that entries were deleted."""
    less = archive_room.c.entries - by
    conn.execute(sa.update(archive_room).where(archive_room.c.room_id == room).values(entries=less))


def _read(conn: sa.Connection, rooms: list[int]) -> dict[int, Whole]:
    held: dict[int, Whole] = {}
    for portion in portions(rooms):
        rows = sa.select(archive_room).where(archive_room.c.room_id.in_(portion))
        rows = rows.order_by(archive_room.c.room_id).with_for_update()
        held.update((row.room_id, Whole(*row)) for row in conn.execute(rows))
    return held


_EMPTY = {"last": 0, "entries": 0, "latest": 0, "disorder": 0}
_SAVE = (
    sa.update(archive_room)
    .where(archive_room.c.room_id == sa.bindparam("room"))
    .values(
        last=sa.bindparam("new_last"),
        entries=sa.bindparam("new_entries"),
        latest=sa.bindparam("new_latest"),
        disorder=sa.bindparam("new_disorder"),
    )
)
