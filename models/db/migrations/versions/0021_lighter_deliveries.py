"""What a delivery is claimed and begun by, without checks that its statements make needless."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_constraint("fk_delivery_destination_version_id", "delivery", type_="foreignkey")
    op.drop_constraint("fk_attempt_delivery_id", "attempt", type_="foreignkey")
    op.drop_index("ix_delivery_due", "delivery")
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["destination_id", "due_at", "id"],
        postgresql_where=sa.text("status = 'pending'"),
    )
