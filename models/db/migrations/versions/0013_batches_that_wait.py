"""Batches: which of them may still be sent again as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("batch", sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.create_index(
        "ix_batch_open",
        "batch",
        ["destination_id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
