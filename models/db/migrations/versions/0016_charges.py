"""Charges, and verdicts on what comes too late or too often."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "charge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("organization_id", sa.UUID(), nullable=False),
        sa.Column("lead_id", sa.UUID(), nullable=True),
        sa.Column("campaign_id", sa.UUID(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('lead', 'return', 'credit', 'adjustment')", name=op.f("ck_charge_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_charge_organization_id")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_charge_lead_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_charge_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charge")),
    )
    op.create_index(op.f("ix_charge_lead_id"), "charge", ["lead_id"])
    op.create_index(op.f("ix_charge_campaign_id"), "charge", ["campaign_id"])
    op.create_index("ix_charge_statement", "charge", ["organization_id", "month"])
    op.execute("""
        INSERT INTO charge
          (organization_id, lead_id, campaign_id, kind, amount_minor, currency, month, at)
        SELECT l.organization_id, l.id, g.campaign_id, 'lead', l.price_minor, l.currency,
          to_char(l.created_at AT TIME ZONE 'UTC', 'YYYY-MM'), g.settled_at
        FROM cap_ledger g JOIN lead l ON l.id = g.lead_id
        WHERE g.state = 'used' AND l.price_minor IS NOT NULL
    """)
    op.drop_constraint(op.f("ck_disposition_verdict_known"), "disposition")
    op.create_check_constraint(
        op.f("ck_disposition_verdict_known"),
        "disposition",
        "verdict IN ('applied', 'repeated', 'refused', 'late', 'over_quota', 'unread')",
    )
