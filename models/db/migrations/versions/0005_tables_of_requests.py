"""Tables of requests."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "consent_text",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unitid", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "channel IN ('email', 'call', 'text')", name=op.f("ck_consent_text_channel_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_text")),
    )
    op.create_table(
        "person_key",
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("master_key_id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("shredded_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_key")),
    )
    op.create_table(
        "suppression",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('email', 'phone')", name=op.f("ck_suppression_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppression")),
        sa.UniqueConstraint("kind", "blind_index", name=op.f("uq_suppression_kind_blind_index")),
    )
    op.create_table(
        "request",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("slate_id", sa.UUID(), nullable=False),
        sa.Column("slate", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("publisher_id", sa.UUID(), nullable=True),
        sa.Column("landing_page", sa.Text(), nullable=True),
        sa.Column("creative", sa.Text(), nullable=True),
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("student", sa.LargeBinary(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("age_18_or_over", sa.Boolean(), nullable=False),
        sa.Column("privacy_control", sa.Boolean(), nullable=False),
        sa.Column("not_taken", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person_key.person_id"], name=op.f("fk_request_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["publisher_id"], ["publisher.id"], name=op.f("fk_request_publisher_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint(
            "source", "idempotency_key", name=op.f("uq_request_source_idempotency_key")
        ),
    )
    op.create_index("ix_request_created_at", "request", ["created_at"], unique=False)
    op.create_index("ix_request_email_index", "request", ["email_index"], unique=False)
    op.create_table(
        "lead",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("request_id", sa.UUID(), nullable=False),
        sa.Column("unitid", sa.Integer(), nullable=False),
        sa.Column("organization_id", sa.UUID(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("campaign_version_id", sa.UUID(), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("answers", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_version_id"],
            ["campaign_version.id"],
            name=op.f("fk_lead_campaign_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_lead_organization_id")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_lead_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead")),
        sa.UniqueConstraint("request_id", "unitid", name=op.f("uq_lead_request_id_unitid")),
    )
    op.create_index(
        "ix_lead_organization_id_created_at",
        "lead",
        ["organization_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("request_id", sa.UUID(), nullable=False),
        sa.Column("lead_id", sa.UUID(), nullable=False),
        sa.Column("unitid", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("text_id", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("agreed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("chain_hash", sa.LargeBinary(), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_consent_lead_id")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_consent_request_id")),
        sa.ForeignKeyConstraint(["text_id"], ["consent_text.id"], name=op.f("fk_consent_text_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("lead_id", "channel", name=op.f("uq_consent_lead_id_channel")),
        sa.UniqueConstraint("sequence", name=op.f("uq_consent_sequence")),
    )
    op.create_index(op.f("ix_consent_lead_id"), "consent", ["lead_id"], unique=False)
    op.create_index(op.f("ix_consent_request_id"), "consent", ["request_id"], unique=False)
    op.create_table(
        "lead_listing",
        sa.Column("lead_id", sa.UUID(), nullable=False),
        sa.Column("listing_id", sa.Text(), nullable=False),
        sa.Column("program_id", sa.Text(), nullable=False),
        sa.Column("campaign_version_id", sa.UUID(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("organic_position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_version_id"],
            ["campaign_version.id"],
            name=op.f("fk_lead_listing_campaign_version_id"),
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name=op.f("fk_lead_listing_lead_id")),
        sa.PrimaryKeyConstraint("lead_id", "listing_id", name=op.f("pk_lead_listing")),
    )
