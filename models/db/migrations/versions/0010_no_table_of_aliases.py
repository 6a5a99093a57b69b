"""No table of program aliases: that an old id finds its program is a rule of the matcher."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    # Nothing ever wrote to it.
    op.drop_table("program_alias")
