"""What schools say of themselves, and what operators decided."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_OPEN = sa.text("status IN ('pending', 'approved')")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "highlight",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("organization_id", sa.UUID(), nullable=False),
        sa.Column("unitid", sa.Integer(), nullable=False),
        sa.Column("cip", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("flags", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("replaces", sa.UUID(), nullable=True),
        sa.CheckConstraint("kind IN ('statement', 'badge')", name=op.f("ck_highlight_kind_known")),
        sa.CheckConstraint(
            "status IN ('pending', 'approved', 'declined', 'replaced', 'taken_down')",
            name=op.f("ck_highlight_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_highlight_organization_id")
        ),
        sa.ForeignKeyConstraint(["replaces"], ["highlight.id"], name=op.f("fk_highlight_replaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_highlight")),
    )
    op.create_index(op.f("ix_highlight_organization_id"), "highlight", ["organization_id"])
    op.create_index(
        "ix_highlight_open",
        "highlight",
        ["unitid", sa.text("coalesce(cip, '')"), "words"],
        unique=True,
        postgresql_where=_OPEN,
    )
    op.create_table(
        "decision",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('claim', 'highlight', 'texts')", name=op.f("ck_decision_kind_known")
        ),
        sa.CheckConstraint(
            "verdict IN ('approved', 'declined', 'taken_down')",
            name=op.f("ck_decision_verdict_known"),
        ),
        sa.CheckConstraint(
            "actor_kind IN ('staff', 'api_key', 'command', 'system')",
            name=op.f("ck_decision_actor_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_decision_organization_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_kind_subject", "decision", ["kind", "subject", "number"])
