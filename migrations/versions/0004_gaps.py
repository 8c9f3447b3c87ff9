"""What is known to be missing of the past."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from gateway.database.sql import BigKey

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sluice_gap",
        sa.Column("id", BigKey, primary_key=True),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("after_id", sa.Text()),
        sa.Column("after_at", sa.BigInteger()),
        sa.Column("before_id", sa.Text()),
        sa.Column("before_at", sa.BigInteger()),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_sluice_gap_room_id", "sluice_gap", ["room_id"])


def downgrade() -> None:
    op.drop_table("sluice_gap")
