"""Alembic's entry: runs the versions on the connection that ``migrate`` hands over."""

from typing import Any

from alembic import context

from models.db.tables import METADATA


def _ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave partitions alone: they are made by the month, not by migrations."""
    return kind != "table" or name in METADATA.tables


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    include_name=_ours,
    # So that no lock is held longer than its own migration needs it.
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
