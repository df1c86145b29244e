"""What each kiosk's screen signs its codes with, sealed; and the digests of texts that were erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("kiosks", sa.Column("screen_secret", sa.LargeBinary(), nullable=True))
    op.create_table(
        "erased",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("erased_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )


def downgrade() -> None:
    raise NotImplementedError("an older version does not open this schema: restore a backup instead")
