"""What pages of operators read by its moment; and no school's words of who was erased before."""

from alembic import op

from models.db.index_building import build_index

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("""
        UPDATE disposition d SET reason = NULL
        FROM lead l JOIN request r ON r.id = l.request_id
        JOIN person_key k ON k.person_id = r.person_id
        WHERE d.lead_id = l.id AND d.reason IS NOT NULL AND k.wrapped IS NULL
    """)
    build_index("ix_audit_at", "audit", ["at", "id"])
    build_index(
        "ix_disposition_organization_id_received_at",
        "disposition",
        ["organization_id", "received_at"],
    )
    build_index("ix_disposition_received_at", "disposition", ["received_at"])
    build_index(
        "ix_message_not_sent",
        "message",
        ["settled_at"],
        where="status IN ('failed', 'expired', 'poison')",
    )
