"""The index of words in PostgreSQL tells stretches of a room apart."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEX = """
CREATE INDEX ix_sluice_archive_search_words ON sluice_archive_search
USING gin (words) WITH (gin_pending_list_limit = 256)
"""
# Each token of a vector stands between quotation marks, and has none in it.
APART = """
UPDATE sluice_archive_search SET words = CAST(replace(
    CAST(words AS text), '''' || room_id || '/', '''' || room_id || '.' || (seq >> 28) || '/'
) AS tsvector)
"""
TOGETHER = """
UPDATE sluice_archive_search SET words = CAST(replace(
    CAST(words AS text), '''' || room_id || '.' || (seq >> 28) || '/', '''' || room_id || '/'
) AS tsvector)
"""


def upgrade() -> None:
    _rewrite(APART)


def downgrade() -> None:
    _rewrite(TOGETHER)


def _rewrite(statement: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX ix_sluice_archive_search_words")
        op.execute(statement)
        op.execute(INDEX)
