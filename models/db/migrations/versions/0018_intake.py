"""How schools take leads, and where a lead goes next."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("organization_school", sa.Column("intake", JSONB(), nullable=True))
    op.add_column("lead", sa.Column("route", JSONB(), nullable=True))
    op.create_index("ix_request_phone_index", "request", ["phone_index"])
