"""Tables of caps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "cap_window",
        sa.Column("campaign_id", sa.UUID(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("used", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lim", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "period IN ('hour', 'day', 'week', 'month', 'total')",
            name=op.f("ck_cap_window_period_known"),
        ),
        sa.CheckConstraint("used >= 0 AND used <= lim", name=op.f("ck_cap_window_within")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_cap_window_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "period", "key", name=op.f("pk_cap_window")),
    )
    op.create_table(
        "cap_ledger",
        sa.Column("lead_id", sa.UUID(), nullable=False),
        sa.Column("campaign_id", sa.UUID(), nullable=False),
        sa.Column("windows", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("settled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('held', 'used', 'released')", name=op.f("ck_cap_ledger_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_cap_ledger_campaign_id")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_cap_ledger_lead_id")),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_cap_ledger")),
    )
    op.create_index(op.f("ix_cap_ledger_campaign_id"), "cap_ledger", ["campaign_id"], unique=False)
