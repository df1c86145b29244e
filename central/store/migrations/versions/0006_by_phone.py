"""What phones bring: words that customers add to an answer, and a day's counts from a branch without network."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "continuations",
        sa.Column("branch_id", sa.String(), nullable=False),
        sa.Column("kiosk_id", sa.String(), nullable=False),
        sa.Column("store_id", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("branch_id", "kiosk_id", "store_id", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "carried_days",
        sa.Column("branch_id", sa.String(), nullable=False),
        sa.Column("kiosk_id", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Text(), nullable=False),
        sa.Column("set_aside", sa.Integer(), nullable=False),
        sa.Column("stores", sa.Text(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("branch_id", "kiosk_id", "day"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    raise NotImplementedError("an older version does not open this schema: restore a backup instead")
