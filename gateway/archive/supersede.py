"""Words that were corrected are not found any more (XEP-0308): only the last ones are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

from gateway.archive import index
from gateway.archive.entry import Kind
from gateway.archive.tables import archive
from gateway.database.sql import portions

Said = sa.Row[*tuple[Any, ...]]
"""A row with at least `id`, `seq`, `author` and `body`."""


def supersede(conn: sa.Connection, new: Iterable[Mapping[str, Any]]) -> None:
    """Empty the bodies of what the new rows correct, or of those that were corrected before they
    came. Whose words they are decides: nobody corrects another's."""
    of_room: dict[int, set[str]] = {}
    for row in new:
        if row["kind"] == Kind.EDIT.value and row["refers_to"] is not None:
            of_room.setdefault(row["room_id"], set()).add(row["refers_to"])
    for room, originals in of_room.items():
        for portion in portions(sorted(originals)):
            _settle(conn, room, portion)


def corrected_before(conn: sa.Connection, room: int, legacy_ids: Iterable[str]) -> None:
    """As `supersede`, for originals that come after their corrections."""
    for portion in portions(sorted(legacy_ids)):
        edited = sa.select(archive.c.refers_to).where(
            archive.c.room_id == room,
            archive.c.refers_to.in_(portion),
            archive.c.kind == Kind.EDIT.value,
        )
        originals = sorted(set(conn.scalars(edited)))
        if originals:
            _settle(conn, room, originals)


def _settle(conn: sa.Connection, room: int, originals: Iterable[str]) -> None:
    """Leave of each of these messages the last version."""
    columns = (
        archive.c.id, archive.c.seq, archive.c.author, archive.c.body,
        archive.c.legacy_id, archive.c.refers_to, archive.c.kind,
    )  # fmt: skip
    said = sa.select(*columns).where(archive.c.room_id == room)
    versions = [
        *conn.execute(said.where(archive.c.legacy_id.in_(originals))),
        *conn.execute(
            said.where(archive.c.refers_to.in_(originals), archive.c.kind == Kind.EDIT.value)
        ),
    ]
    versions.sort(key=lambda version: version.seq)
    last = {_whose(version): version.id for version in versions}
    empty_bodies(conn, room, [v for v in versions if v.body and last[_whose(v)] != v.id])


def _whose(version: Said) -> tuple[str, str]:
    edit = version.kind == Kind.EDIT.value
    return version.author, version.refers_to if edit else version.legacy_id


def empty_bodies(conn: sa.Connection, room: int, rows: Iterable[Said]) -> None:
    """Have nothing found of these rows any more."""
    rows = list(rows)
    index.remove(conn, [index.Text(room, row.seq, row.author, row.body) for row in rows])
    for portion in portions(rows):
        ids = [row.id for row in portion]
        conn.execute(sa.update(archive).where(archive.c.id.in_(ids)).values(body=""))
