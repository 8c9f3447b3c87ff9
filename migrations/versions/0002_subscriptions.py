"""Who is shown whose presence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sluice_subscription",
        sa.Column("user_jid", sa.Text(), nullable=False),
        sa.Column("localpart", sa.Text(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_jid", "localpart", name="pk_sluice_subscription"),
    )


def downgrade() -> None:
    op.drop_table("sluice_subscription")
