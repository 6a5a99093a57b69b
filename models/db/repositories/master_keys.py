"""Which master keys wrap the data keys that are kept, and wrapping them anew.

Every table with the columns ``master_key_id`` and ``wrapped`` holds data keys: those of persons,
organizations, staff and sessions.
"""

from collections import Counter
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Table, func, select, update

from models.db.crypto import Keyring, WrappedKey
from models.db.tables import METADATA

WRAPPING = tuple(
    table for table in METADATA.sorted_tables if {"master_key_id", "wrapped"} <= set(table.c.keys())
)


class Rewrapped(NamedTuple):
    """What one batch came to; ``last`` is where the next one begins, None when it was the end."""

    rows: int
    last: Any


class MasterKeys:
    """Counts and changes what data keys are wrapped by."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def used(self) -> dict[str, dict[str, int]]:
        """Count data keys that are not shredded, by the master key that wraps them and by table."""
        counts: dict[str, Counter[str]] = {}
        for table in WRAPPING:
            of = table.c
            query = select(of.master_key_id, func.count()).where(of.wrapped.is_not(None))
            for key_id, many in self._connection.execute(query.group_by(of.master_key_id)):
                counts.setdefault(key_id, Counter())[table.name] = many
        return {key_id: dict(tables) for key_id, tables in counts.items()}

    def rewrap(self, table: Table, after: Any, most: int) -> Rewrapped:
        """Wrap the next data keys of a table by the current master key.

        A row that somebody holds is waited for, and one that was shredded meanwhile stays so.
        Whoever reads a row sees the key wrapped by the old or by the new one; both open.

        Args:
            table: one of ``WRAPPING``.
            after: the last row of the batch before; None begins.
            most: rows a batch.

        Raises:
            TamperedError: when a master key is not here, or bytes were changed.
        """
        of, owner = table.c, _owner(table)
        wanted = select(owner, of.master_key_id, of.wrapped).where(
            of.master_key_id != self._keyring.current, of.wrapped.is_not(None)
        )
        if after is not None:
            wanted = wanted.where(owner > after)
        rows = self._connection.execute(wanted.order_by(owner).limit(most).with_for_update()).all()
        for row_id, key_id, wrapped in rows:
            anew = self._keyring.rewrap(WrappedKey(key_id, wrapped), row_id)
            self._connection.execute(
                update(table)
                .where(owner == row_id)
                .values(master_key_id=anew.master_key_id, wrapped=anew.wrapped)
            )
        return Rewrapped(len(rows), rows[-1][0] if len(rows) == most else None)


def _owner(table: Table) -> Column[Any]:
    """The column that says whose key it is: a table's own key."""
    [column] = table.primary_key.columns
    return column
