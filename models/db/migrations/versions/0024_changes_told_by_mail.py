"""Changes of leads that people of a school are told by e-mail."""

import sqlalchemy as sa
from alembic import op

from models.db.index_building import build_index

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    column: sa.Column[bool] = sa.Column(
        "by_mail", sa.Boolean(), nullable=False, server_default="false"
    )
    op.add_column("delivery", column, if_not_exists=True)
    build_index(
        "ix_delivery_by_mail", "delivery", ["due_at"], where="by_mail AND status = 'pending'"
    )
