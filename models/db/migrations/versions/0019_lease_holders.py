"""Who holds a leased delivery, so that what waits for a sender takes nobody else's room."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("delivery", sa.Column("lease_holder", sa.Text(), nullable=True))
