"""Who said what, and under which id, is in an index of its own in SQLite."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from tqdm import tqdm

from gateway.archive import whose

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AT_A_TIME = 5000


def upgrade() -> None:
    conn = op.get_bind()
    if conn.dialect.name == "sqlite":
        for statement in whose.CREATE:
            op.execute(statement)
        _index(conn)
        for columns in ("stanza_id", "author_seq", "nick_seq"):
            op.drop_index(f"ix_sluice_archive_room_id_{columns}", "sluice_archive")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for column in ("author", "nick"):
            op.create_index(
                f"ix_sluice_archive_room_id_{column}_seq",
                "sluice_archive",
                ["room_id", column, "seq"],
            )
        op.create_index(
            "ix_sluice_archive_room_id_stanza_id",
            "sluice_archive",
            ["room_id", "stanza_id"],
            unique=True,
        )
        op.execute("DROP TABLE sluice_archive_search_who")


def _index(conn: sa.Connection) -> None:
    """Index what is there, by primary key so that it takes no memory."""
    most = conn.scalar(sa.text("SELECT max(id) FROM sluice_archive")) or 0
    rows = sa.text(
        "SELECT id, room_id, seq, author, nick, stanza_id FROM sluice_archive "
        "WHERE id > :last ORDER BY id LIMIT :most"
    )
    last = 0
    with tqdm(total=most, desc="indexing authors", unit=" messages", disable=None, delay=1) as bar:
        while found := conn.execute(rows, {"last": last, "most": AT_A_TIME}).all():
            whose.add(conn, [whose.Said(*row[1:]) for row in found])
            bar.update(found[-1].id - last)
            last = found[-1].id
