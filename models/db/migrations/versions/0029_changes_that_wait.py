"""Changes that wait for their destination, to be found by it each second."""

from models.db.index_building import build_index

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    build_index(
        "ix_delivery_change",
        "delivery",
        ["destination_id"],
        where="status = 'pending' AND NOT by_mail "
        "AND purpose IN ('correction', 'deletion', 'withdrawal')",
    )
