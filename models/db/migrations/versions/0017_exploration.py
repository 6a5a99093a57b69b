"""What chance may decide of a slate, whether it did, and how likely that was."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for name, kind, default in (
        ("explore_share", sa.Float(), "0"),
        ("explore_seed", sa.BigInteger(), "0"),
        ("explored", sa.Boolean(), "false"),
        ("draw_propensity", sa.Float(), "1"),
    ):
        op.add_column("slate", sa.Column(name, kind, server_default=default, nullable=False))
