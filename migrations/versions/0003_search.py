"""The index of words, and one of what messages refer to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from tqdm import tqdm

from gateway.archive import fts5, gin, index

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

REFERS = sa.text("refers_to IS NOT NULL")
AT_A_TIME = 5000


def upgrade() -> None:
    op.create_index(
        "ix_sluice_archive_room_id_refers_to",
        "sluice_archive",
        ["room_id", "refers_to"],
        sqlite_where=REFERS,
        postgresql_where=REFERS,
    )
    conn = op.get_bind()
    for statement in gin.CREATE if conn.dialect.name == "postgresql" else [fts5.CREATE]:
        op.execute(statement)
    op.execute(FORGET_CORRECTED)
    _index(conn)


def downgrade() -> None:
    op.execute("DROP TABLE sluice_archive_search")
    op.drop_index("ix_sluice_archive_room_id_refers_to", "sluice_archive")


FORGET_CORRECTED = """
UPDATE sluice_archive SET body = '' WHERE body <> '' AND EXISTS (
    SELECT 1 FROM sluice_archive AS later
    WHERE later.room_id = sluice_archive.room_id AND later.kind = 2
    AND later.refers_to
        = CASE sluice_archive.kind WHEN 2 THEN sluice_archive.refers_to
          ELSE sluice_archive.legacy_id END
    AND later.author = sluice_archive.author AND later.seq > sluice_archive.seq
)
"""
"""What was corrected since is not to be found."""


def _index(conn: sa.Connection) -> None:
    """Index what is there, by primary key so that it takes no memory."""
    most = conn.scalar(sa.text("SELECT max(id) FROM sluice_archive")) or 0
    rows = sa.text(
        "SELECT id, room_id, seq, author, body FROM sluice_archive "
        "WHERE id > :last ORDER BY id LIMIT :most"
    )
    last = 0
    with tqdm(total=most, desc="indexing words", unit=" messages", disable=None, delay=1) as bar:
        while found := conn.execute(rows, {"last": last, "most": AT_A_TIME}).all():
            index.add(conn, [index.Text(*row[1:]) for row in found])
            bar.update(found[-1].id - last)
            last = found[-1].id
