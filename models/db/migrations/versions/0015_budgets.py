"""Budgets: windows that count money."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.drop_constraint(op.f("ck_cap_window_period_known"), "cap_window")
    op.create_check_constraint(
        op.f("ck_cap_window_period_known"),
        "cap_window",
        "period IN ('hour', 'day', 'week', 'month', 'total',"
        " 'day_budget', 'week_budget', 'month_budget', 'total_budget')",
    )
