"""Referring to a message whose id on XMPP is known to the archive only."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

import sqlalchemy as sa

from gateway.archive.entry import NewEntry
from gateway.archive.tables import archive
from gateway.database.sql import portions


def patched(conn: sa.Connection, wanted: Sequence[tuple[int, NewEntry]]) -> list[str]:
    """The stanzas to keep, in order, with their placeholders filled."""
    asked = [(room, e.patch[0]) for room, e in wanted if e.patch is not None]
    known = _message_ids(conn, asked) if asked else {}
    return [_fill(entry, known.get((room, (entry.patch or ("",))[0]))) for room, entry in wanted]


def _fill(entry: NewEntry, message_id: str | None) -> str:
    if entry.patch is None:
        return entry.stanza
    _, placeholder, fallback = entry.patch
    id = fallback if message_id is None else escape(message_id, _IN_ATTRIBUTES)
    return entry.stanza.replace(placeholder, id)


def _message_ids(
    conn: sa.Connection, asked: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], str]:
    key = sa.tuple_(archive.c.room_id, archive.c.legacy_id)
    rows = sa.select(archive.c.room_id, archive.c.legacy_id, archive.c.message_id)
    return {
        (room, legacy_id): message_id
        for portion in portions(asked, 200)
        for room, legacy_id, message_id in conn.execute(rows.where(key.in_(portion)))
    }


_IN_ATTRIBUTES = {'"': "&quot;", "'": "&apos;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
