"""
Each boot as each store shows it, filled from the answers that are there.

Their times stay as they are until everything is computed again: see 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "stays",
        sa.Column("kiosk_id", sa.String(), nullable=False),
        sa.Column("store_id", sa.LargeBinary(), nullable=False),
        sa.Column("boot_id", sa.Integer(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("first_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kiosk_id", "store_id", "boot_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("stays_by_boot", "stays", ["kiosk_id", "boot_id"])
    op.execute(
        "INSERT INTO stays SELECT kiosk_id, store_id, boot_id, min(seq), min(boot_ms), max(boot_ms)"
        " FROM answers GROUP BY kiosk_id, store_id, boot_id"
    )


def downgrade() -> None:
    raise NotImplementedError("an older version does not open this schema: restore a backup instead")
