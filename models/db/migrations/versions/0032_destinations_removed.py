"""Destinations that were removed; what was sent there stays."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(op.f("ck_destination_status_known"), "destination")
    op.create_check_constraint(
        op.f("ck_destination_status_known"),
        "destination",
        "status IN ('draft', 'active', 'paused', 'disabled', 'removed')",
    )
