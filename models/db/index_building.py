"""Indexes of tables that are in use: built and dropped while everybody reads and writes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

_INVALID = sa.text("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")


def build_index(name: str, table: str, columns: Sequence[str], *, where: str | None = None) -> None:
    """Build an index beside all else; what an interrupted build left behind is built anew.

    The migration's transaction ends here: all it does must be such that doing it twice is the same.

    Args:
        name: of the index.
        table: that it is for; it may be large.
        columns: their names, in order.
        where: of a partial index, as SQL.
    """
    with _beside_all_else():
        if op.get_bind().execute(_INVALID, {"name": name}).scalar():
            _drop(name, table)
        op.create_index(
            name,
            table,
            list(columns),
            postgresql_where=None if where is None else sa.text(where),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def replace_index(
    name: str, table: str, columns: Sequence[str], *, where: str | None = None
) -> None:
    """Put another index in the place of one of that name, which serves until then."""
    following = f"{name}_next"
    build_index(following, table, columns, where=where)
    with _beside_all_else():
        _drop(name, table)
        op.execute(f'ALTER INDEX "{following}" RENAME TO "{name}"')


def _drop(name: str, table: str) -> None:
    op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)


@contextmanager
def _beside_all_else() -> Iterator[None]:
    """Outside any transaction, and without the limit on locks: nobody queues behind these."""
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        try:
            yield
        finally:
            op.execute("RESET lock_timeout")
