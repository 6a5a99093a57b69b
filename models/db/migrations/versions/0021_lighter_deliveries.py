"""What a delivery is claimed and begun by, without checks that its statements make needless."""

from alembic import op

from models.db.index_building import replace_index

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for name, table in (
        ("fk_delivery_destination_version_id", "delivery"),
        ("fk_attempt_delivery_id", "attempt"),
    ):
        op.drop_constraint(name, table, type_="foreignkey", if_exists=True)
    columns = ["destination_id", "due_at", "id"]
    replace_index("ix_delivery_due", "delivery", columns, where="status = 'pending'")
