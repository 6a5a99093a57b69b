"""Leads that wait until their student has confirmed the e-mail address."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    moment = sa.DateTime(timezone=True)
    op.add_column("request", sa.Column("email_confirmed_at", moment, nullable=True))
    op.add_column("lead", sa.Column("confirm_by", moment, nullable=True))
