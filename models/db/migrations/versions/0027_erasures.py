"""Who was erased: ids and hashes that refuse the same person from outside."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; who was erased before has a row too."""
    op.create_table(
        "erasure",
        sa.Column("person_id", sa.UUID(), nullable=False),
        sa.Column("erased_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("erased_by", sa.Text(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "erased_by IN ('student', 'operator', 'age')", name=op.f("ck_erasure_erased_by_known")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_erasure")),
    )
    op.create_index("ix_erasure_email_index", "erasure", ["email_index"])
    op.create_index("ix_erasure_phone_index", "erasure", ["phone_index"])
    # Whoever no school took has no hash either, and was never kept.
    op.execute("""
        INSERT INTO erasure (person_id, erased_at, erased_by, email_index, phone_index)
        SELECT k.person_id, k.shredded_at, 'student', r.email_index, r.phone_index
        FROM person_key k JOIN request r ON r.person_id = k.person_id
        WHERE k.shredded_at IS NOT NULL AND r.email_index <> ''
    """)
