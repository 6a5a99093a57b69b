"""What accounts of staff need: recovery codes, ways back, an organization's own sign-in, mail."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "staff_invitation", sa.Column("opens", sa.Text(), nullable=False, server_default="account")
    )
    op.create_check_constraint(
        op.f("ck_staff_invitation_opens_known"),
        "staff_invitation",
        "opens IN ('account', 'password')",
    )
    op.create_table(
        "staff_recovery_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.UUID(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("used_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_recovery_code_staff_id")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_staff_recovery_code")),
    )
    op.create_index(op.f("ix_staff_recovery_code_staff_id"), "staff_recovery_code", ["staff_id"])
    op.create_table(
        "staff_way_back",
        sa.Column("email_hash", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("email_hash", name=op.f("pk_staff_way_back")),
    )
    op.create_table(
        "identity_provider",
        sa.Column("organization_id", sa.UUID(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_secret", sa.LargeBinary(), nullable=False),
        sa.Column("promises_second_factor", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_identity_provider_organization_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_identity_provider")),
    )
    op.add_column("staff_session", sa.Column("organization_id", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_staff_session_organization_id"),
        "staff_session",
        "organization",
        ["organization_id"],
        ["id"],
    )
    op.create_index(op.f("ix_staff_session_organization_id"), "staff_session", ["organization_id"])
    op.add_column("membership", sa.Column("entered_at", sa.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("membership", sa.Column("subject", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("staff_id", sa.UUID(), nullable=True))
    op.create_foreign_key(op.f("fk_message_staff_id"), "message", "staff", ["staff_id"], ["id"])
    op.create_index(op.f("ix_message_staff_id"), "message", ["staff_id"])
