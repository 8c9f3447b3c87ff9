"""What bursts of messages cost: fewer ids in an index, fewer pieces of the index of words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NOT_OURS = sa.text("message_id <> stanza_id")
IN_MEMORY = 8 << 20
BY_DEFAULT = 1 << 20


def upgrade() -> None:
    op.drop_index("ix_sluice_archive_room_id_message_id", "sluice_archive")
    op.create_index(
        "ix_sluice_archive_room_id_message_id_seq",
        "sluice_archive",
        ["room_id", "message_id", "seq"],
        sqlite_where=NOT_OURS,
        postgresql_where=NOT_OURS,
    )
    _let_words_wait(IN_MEMORY)


def downgrade() -> None:
    _let_words_wait(BY_DEFAULT)
    op.drop_index("ix_sluice_archive_room_id_message_id_seq", "sluice_archive")
    op.create_index(
        "ix_sluice_archive_room_id_message_id", "sluice_archive", ["room_id", "message_id"]
    )


def _let_words_wait(size: int) -> None:
    """Have FTS5 write a piece of its index when a transaction has so many bytes of words: each
    piece more is one to be merged later."""
    conn = op.get_bind()
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(
            "INSERT INTO sluice_archive_search (sluice_archive_search, rank) "
            "VALUES ('hashsize', ?)",
            (size,),
        )
