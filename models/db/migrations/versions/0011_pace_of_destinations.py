"""How much a destination's system takes in a time, and what it was sent last."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENTS = postgresql.ARRAY(sa.TIMESTAMP(timezone=True))


def upgrade() -> None:
    """Apply."""
    op.add_column("destination_state", sa.Column("pace_posts", sa.Integer(), nullable=True))
    op.add_column("destination_state", sa.Column("pace_seconds", sa.Integer(), nullable=True))
    op.add_column(
        "destination_state",
        sa.Column("recent", _MOMENTS, server_default="{}", nullable=False),
    )
