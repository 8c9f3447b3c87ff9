"""The tables of the store. JSON is kept as ASCII text, which either database takes whatever
characters it stands for."""

from __future__ import annotations

import sqlalchemy as sa

from gateway.database.sql import BigKey, metadata

room = sa.Table(
    "sluice_room",
    metadata,
    sa.Column("id", BigKey, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("legacy_id", sa.Text, nullable=False),
    sa.Column("localpart", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.UniqueConstraint("owner", "legacy_id"),
    sa.UniqueConstraint("owner", "localpart"),
    sqlite_autoincrement=True,  # an id is never given again: an archive goes by it
)

localpart = sa.Table(
    "sluice_localpart",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("legacy_id", sa.Text, primary_key=True),
    sa.Column("localpart", sa.Text, nullable=False),
    sa.UniqueConstraint("scope", "localpart"),
)

_room_id = sa.ForeignKey(room.c.id, ondelete="CASCADE")

seat = sa.Table(
    "sluice_seat",
    metadata,
    sa.Column("room_id", sa.BigInteger, _room_id, primary_key=True, autoincrement=False),
    sa.Column("jid", sa.Text, primary_key=True),
    sa.Column("nick", sa.Text, nullable=False),
    sa.Column("occupant", sa.Text, nullable=False),
    sa.Column("joined_at", sa.BigInteger, nullable=False),  # microseconds since 1970
)

occupant = sa.Table(
    "sluice_occupant",
    metadata,
    sa.Column(
        "room_id",
        sa.BigInteger,
        sa.ForeignKey(room.c.id, ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("nick", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
)

subscription = sa.Table(
    "sluice_subscription",
    metadata,
    sa.Column("user_jid", sa.Text, primary_key=True),
    sa.Column("localpart", sa.Text, primary_key=True),
    sa.Column("state", sa.SmallInteger, nullable=False),
)

meta = sa.Table(
    "sluice_meta",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
