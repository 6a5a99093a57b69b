"""What was changed of the configuration: rows that nobody changes or takes away."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "configuration_change",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("before", JSONB(), nullable=True),
        sa.Column("after", JSONB(), nullable=True),
        sa.Column("secrets", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"),
        sa.Column("takes_back", sa.UUID(), nullable=True),
        sa.CheckConstraint(
            "actor_kind IN ('staff', 'api_key', 'command', 'system')",
            name=op.f("ck_configuration_change_actor_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_configuration_change_organization_id"),
        ),
        sa.ForeignKeyConstraint(
            ["takes_back"],
            ["configuration_change.id"],
            name=op.f("fk_configuration_change_takes_back"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_configuration_change")),
        sa.UniqueConstraint("number", name=op.f("uq_configuration_change_number")),
    )
    op.create_index(
        "ix_configuration_change_organization_id",
        "configuration_change",
        ["organization_id", "number"],
    )
    op.create_index("ix_configuration_change_subject", "configuration_change", ["subject"])
    op.execute("""
        CREATE FUNCTION keep_as_written() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME; END $$
    """)
    op.execute("""
        CREATE TRIGGER keep_as_written BEFORE UPDATE OR DELETE ON configuration_change
        FOR EACH ROW EXECUTE FUNCTION keep_as_written()
    """)
