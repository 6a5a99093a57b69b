"""Simulated schools reject, too."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('impression', 'click', 'request_started', 'request', 'accepted', 'rejected')"


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(op.f("ck_event_kind_known"), "event", type_="check")
    op.create_check_constraint(op.f("ck_event_kind_known"), "event", _KINDS)
