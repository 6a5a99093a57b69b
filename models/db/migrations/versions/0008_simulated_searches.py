"""Simulated searches, and events that tell how a request went."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('impression', 'click', 'request_started', 'request', 'accepted')"


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "search", sa.Column("simulated", sa.Boolean(), server_default="false", nullable=False)
    )
    op.drop_constraint(op.f("ck_event_kind_known"), "event", type_="check")
    op.create_check_constraint(op.f("ck_event_kind_known"), "event", _KINDS)
