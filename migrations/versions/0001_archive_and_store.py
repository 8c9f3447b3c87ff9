"""The archive, and what else outlives the process."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HAS_LEGACY_ID = sa.text("legacy_id IS NOT NULL")


def upgrade() -> None:
    _make_archive()
    _make_rooms()
    _make_people()


def _make_archive() -> None:
    op.create_table(
        "sluice_archive",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("stanza_id", sa.Text(), nullable=False),
        sa.Column("legacy_id", sa.Text()),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("nick", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("refers_to", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("stanza", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sluice_archive"),
    )
    for columns in (["seq"], ["stanza_id"]):
        _index(columns, unique=True)
    op.create_index(
        "ix_sluice_archive_room_id_legacy_id",
        "sluice_archive",
        ["room_id", "legacy_id"],
        unique=True,
        sqlite_where=HAS_LEGACY_ID,
        postgresql_where=HAS_LEGACY_ID,
    )
    for columns in (["message_id"], ["at"], ["author", "seq"], ["nick", "seq"]):
        _index(columns, unique=False)
    op.create_table(
        "sluice_archive_room",
        sa.Column("room_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("latest", sa.BigInteger(), nullable=False),
        sa.Column("disorder", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("room_id", name="pk_sluice_archive_room"),
    )


def _index(columns: list[str], *, unique: bool) -> None:
    name = "_".join(["ix_sluice_archive_room_id", *columns])
    op.create_index(name, "sluice_archive", ["room_id", *columns], unique=unique)


def _make_rooms() -> None:
    op.create_table(
        "sluice_room",
        sa.Column("id", BIG_KEY, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("legacy_id", sa.Text(), nullable=False),
        sa.Column("localpart", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sluice_room"),
        sa.UniqueConstraint("owner", "legacy_id", name="uq_sluice_room_owner_legacy_id"),
        sa.UniqueConstraint("owner", "localpart", name="uq_sluice_room_owner_localpart"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sluice_localpart",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("legacy_id", sa.Text(), nullable=False),
        sa.Column("localpart", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "legacy_id", name="pk_sluice_localpart"),
        sa.UniqueConstraint("scope", "localpart", name="uq_sluice_localpart_scope_localpart"),
    )
    op.create_table(
        "sluice_meta",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sluice_meta"),
    )


def _make_people() -> None:
    op.create_table(
        "sluice_seat",
        sa.Column("room_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("jid", sa.Text(), nullable=False),
        sa.Column("nick", sa.Text(), nullable=False),
        sa.Column("occupant", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        _of_room("sluice_seat"),
        sa.PrimaryKeyConstraint("room_id", "jid", name="pk_sluice_seat"),
    )
    op.create_table(
        "sluice_occupant",
        sa.Column("room_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("nick", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        _of_room("sluice_occupant"),
        sa.PrimaryKeyConstraint("room_id", "member_id", name="pk_sluice_occupant"),
    )


def _of_room(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_room_id"
    return sa.ForeignKeyConstraint(["room_id"], ["sluice_room.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    for table in ("occupant", "seat", "meta", "localpart", "room", "archive_room", "archive"):
        op.drop_table(f"sluice_{table}")
