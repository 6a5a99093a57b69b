"""Monthly partitions of the tables that grow with traffic, made ahead of time."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from models.db.tables import METADATA

PARTITIONED = tuple(
    sorted(
        table.name
        for table in METADATA.tables.values()
        if table.dialect_options["postgresql"]["partition_by"]
    )
)


def make_partitions(connection: Connection, months_ahead: int = 2) -> list[str]:
    """Make the partitions of this month and the next ones, by the database's clock.

    A month whose rows already went to the default partition keeps them there: moving them would
    lock a busy table, and retention finds them all the same.

    Returns:
        Names of the partitions that were made now.
    """
    today = connection.execute(text("SELECT (now() AT TIME ZONE 'UTC')::date")).scalar_one()
    made = []
    for table in PARTITIONED:
        for first, after in _months(today, months_ahead + 1):
            name = f"{table}_{first:%Y_%m}"
            if not _exists(connection, name) and _make(connection, table, name, first, after):
                made.append(name)
    return made


def _months(today: date, count: int) -> Iterator[tuple[date, date]]:
    first = today.replace(day=1)
    for _ in range(count):
        year, month = divmod(first.year * 12 + first.month, 12)
        after = date(year, month + 1, 1)
        yield first, after
        first = after


def _exists(connection: Connection, name: str) -> bool:
    found = connection.execute(text("SELECT to_regclass(:name)"), {"name": name})
    return found.scalar_one() is not None


def _make(connection: Connection, table: str, name: str, first: date, after: date) -> bool:
    # Names and bounds come from our own tables and a date: nothing here was typed by anyone.
    bounds = f"FROM ('{first.isoformat()} 00:00Z') TO ('{after.isoformat()} 00:00Z')"
    try:
        with connection.begin_nested():
            connection.execute(
                text(f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES {bounds}")
            )
    except IntegrityError:
        return False
    return True
