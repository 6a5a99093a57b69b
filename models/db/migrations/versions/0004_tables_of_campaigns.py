"""Tables of campaigns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "campaign",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organization_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'active', 'paused', 'ended')",
            name=op.f("ck_campaign_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_campaign_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_index(
        op.f("ix_campaign_organization_id"), "campaign", ["organization_id"], unique=False
    )
    op.create_table(
        "destination",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organization_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tested_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('draft', 'active', 'paused', 'disabled')",
            name=op.f("ck_destination_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_destination_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destination")),
    )
    op.create_index(
        op.f("ix_destination_organization_id"), "destination", ["organization_id"], unique=False
    )
    op.create_table(
        "campaign_version",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("campaign_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_version_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_version")),
        sa.UniqueConstraint(
            "campaign_id", "version", name=op.f("uq_campaign_version_campaign_id_version")
        ),
    )
    op.create_table(
        "destination_school",
        sa.Column("destination_id", sa.UUID(), nullable=False),
        sa.Column("unitid", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["destination.id"],
            name=op.f("fk_destination_school_destination_id"),
        ),
        sa.ForeignKeyConstraint(
            ["unitid"], ["organization_school.unitid"], name=op.f("fk_destination_school_unitid")
        ),
        sa.PrimaryKeyConstraint("destination_id", "unitid", name=op.f("pk_destination_school")),
    )
    op.create_table(
        "destination_state",
        sa.Column("destination_id", sa.UUID(), nullable=False),
        sa.Column("next_allowed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("breaker", sa.Text(), nullable=False),
        sa.Column("failing_since", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("inflight_limit", sa.Integer(), server_default="8", nullable=False),
        sa.Column("feed_sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "breaker IN ('closed', 'open', 'half_open')",
            name=op.f("ck_destination_state_breaker_known"),
        ),
        sa.ForeignKeyConstraint(
            ["destination_id"], ["destination.id"], name=op.f("fk_destination_state_destination_id")
        ),
        sa.PrimaryKeyConstraint("destination_id", name=op.f("pk_destination_state")),
    )
    op.create_table(
        "destination_version",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("destination_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("secrets", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination_id"],
            ["destination.id"],
            name=op.f("fk_destination_version_destination_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destination_version")),
        sa.UniqueConstraint(
            "destination_id", "version", name=op.f("uq_destination_version_destination_id_version")
        ),
    )
