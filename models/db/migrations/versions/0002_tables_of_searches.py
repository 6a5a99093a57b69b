"""Tables of searches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "catalog_version",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalog_version")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("slate_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("listing_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('impression', 'click', 'request_started')", name=op.f("ck_event_kind_known")
        ),
        sa.PrimaryKeyConstraint("id", "created_at", name=op.f("pk_event")),
        postgresql_partition_by="RANGE (created_at)",
    )
    op.create_index("ix_event_slate_id", "event", ["slate_id"], unique=False)
    op.create_table(
        "program_alias",
        sa.Column("old_id", sa.Text(), nullable=False),
        sa.Column("new_id", sa.Text(), nullable=False),
        sa.Column("since_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("old_id", name=op.f("pk_program_alias")),
    )
    op.create_table(
        "publication",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('catalog', 'ranker')", name=op.f("ck_publication_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    op.create_index("ix_publication_kind_id", "publication", ["kind", "id"], unique=False)
    op.create_table(
        "ranker",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("provenance", sa.Text(), nullable=False),
        sa.Column("card", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "provenance IN ('prior', 'simulated', 'learned')",
            name=op.f("ck_ranker_provenance_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ranker")),
    )
    op.create_table(
        "search",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("publisher_id", sa.UUID(), nullable=True),
        sa.Column("landing_page", sa.Text(), nullable=True),
        sa.Column("creative", sa.Text(), nullable=True),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", "created_at", name=op.f("pk_search")),
        postgresql_partition_by="RANGE (created_at)",
    )
    op.create_table(
        "slate",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("search_id", sa.UUID(), nullable=False),
        sa.Column("catalog_version", sa.Text(), nullable=False),
        sa.Column("ranker_version", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("steering_index", sa.Float(), nullable=False),
        sa.Column("offers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", "created_at", name=op.f("pk_slate")),
        postgresql_partition_by="RANGE (created_at)",
    )
    op.create_table(
        "slate_page",
        sa.Column("slate_id", sa.UUID(), nullable=False),
        sa.Column("page", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("listings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("slate_id", "page", "created_at", name=op.f("pk_slate_page")),
        postgresql_partition_by="RANGE (created_at)",
    )
    # A row whose month has no partition yet must still find a place.
    for table in ("search", "slate", "slate_page", "event"):
        op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
