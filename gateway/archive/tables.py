"""The tables of the archive, and rows of them as entries."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from gateway.archive.entry import Entry, Kind, StanzaId
from gateway.database.sql import BigKey, metadata
from gateway.database.times import moment
from legacy_backend.terms import MessageId

archive = sa.Table(
    "sluice_archive",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("room_id", sa.BigInteger, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("stanza_id", sa.Text, nullable=False),
    sa.Column("legacy_id", sa.Text),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),  # microseconds since 1970
    sa.Column("kind", sa.SmallInteger, nullable=False),
    sa.Column("nick", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("refers_to", sa.Text),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("stanza", sa.Text, nullable=False),
    sa.Index(None, "room_id", "seq", unique=True),
    sa.Index(
        None,
        "room_id",
        "legacy_id",
        unique=True,
        sqlite_where=sa.text("legacy_id IS NOT NULL"),
        postgresql_where=sa.text("legacy_id IS NOT NULL"),
    ),
    sa.Index(
        None,
        "room_id",
        "message_id",
        "seq",
        sqlite_where=sa.text("message_id <> stanza_id"),
        postgresql_where=sa.text("message_id <> stanza_id"),
    ),
    sa.Index(
        None,
        "room_id",
        "refers_to",
        sqlite_where=sa.text("refers_to IS NOT NULL"),
        postgresql_where=sa.text("refers_to IS NOT NULL"),
    ),
    sa.Index(None, "room_id", "at"),
    # And by stanza id (unique), author and nickname in PostgreSQL; SQLite has `whose.py` instead.
)

archive_room = sa.Table(
    "sluice_archive_room",
    metadata,
    sa.Column("room_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("last", sa.BigInteger, nullable=False),
    sa.Column("entries", sa.BigInteger, nullable=False),
    sa.Column("latest", sa.BigInteger, nullable=False),
    sa.Column("disorder", sa.BigInteger, nullable=False),
)
"""What has to be known of a room as a whole without looking at all of it; see `whole.py`."""

gap = sa.Table(
    "sluice_gap",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("room_id", sa.BigInteger, nullable=False),
    sa.Column("after_id", sa.Text),
    sa.Column("after_at", sa.BigInteger),  # microseconds since 1970, as all times
    sa.Column("before_id", sa.Text),
    sa.Column("before_at", sa.BigInteger),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_try", sa.BigInteger, nullable=False),
    sa.Index(None, "room_id"),
)
"""What is known to be missing; see `gaps.py`. The ids are the network's."""

WHOSE = archive.c.author, archive.c.nick, archive.c.stanza_id
"""What `whose.py` has in its index."""

ENTRY = (
    archive.c.seq,
    archive.c.stanza_id,
    archive.c.message_id,
    archive.c.at,
    archive.c.nick,
    archive.c.author,
    archive.c.stanza,
    archive.c.kind,
    archive.c.legacy_id,
)
"""What `entry_of` needs, in its order."""


def entry_of(row: sa.Row[*tuple[Any, ...]]) -> Entry:
    seq, stanza_id, message_id, at, nick, author, stanza, kind, legacy_id = row
    return Entry(
        seq,
        StanzaId(stanza_id),
        message_id,
        moment(at),
        nick,
        author,
        stanza,
        Kind(kind),
        None if legacy_id is None else MessageId(legacy_id),
    )
