"""Changes of leads that people of a school are told by e-mail."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "delivery", sa.Column("by_mail", sa.Boolean(), nullable=False, server_default="false")
    )
    op.create_index(
        "ix_delivery_by_mail",
        "delivery",
        ["due_at"],
        postgresql_where=sa.text("by_mail AND status = 'pending'"),
    )
