"""In which order what a school said of a lead was judged."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; what was judged before keeps the order in which it came."""
    op.add_column("disposition", sa.Column("number", sa.Integer(), nullable=True))
    op.execute("""
        UPDATE disposition d SET number = n.number
        FROM (SELECT id, row_number() OVER (PARTITION BY lead_id ORDER BY received_at, id) AS number
              FROM disposition WHERE verdict <> 'unread') n
        WHERE n.id = d.id
    """)
    op.create_unique_constraint(
        op.f("uq_disposition_lead_id_number"), "disposition", ["lead_id", "number"]
    )
    op.drop_index(op.f("ix_disposition_lead_id"), "disposition")
