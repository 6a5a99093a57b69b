"""Monthly partitions of the tables that grow with traffic: made ahead of time, dropped when old."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from models.db.tables import METADATA

PARTITIONED = tuple(
    sorted(
        table.name
        for table in METADATA.tables.values()
        if table.dialect_options["postgresql"]["partition_by"]
    )
)

_MONTH = re.compile(r"([0-9]{4})_([0-9]{2})")
_PARTITIONS = text("""
    SELECT c.relname FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
    WHERE p.relname = :table ORDER BY c.relname
""")


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


def drop_partitions(engine: Engine, before: date) -> list[str]:
    """Drop the months that ended before a day, and what stands in default partitions from then.

    Returns:
        Names of the partitions that were dropped.
    """
    with engine.begin() as connection:
        # Whoever reads goes first: what is held now is dropped an hour later.
        connection.execute(text("SET LOCAL lock_timeout = '2s'"))
        return [
            name
            for table in PARTITIONED
            for name in connection.execute(_PARTITIONS, {"table": table}).scalars().all()
            if _drop(connection, table, name, before)
        ]


def _drop(connection: Connection, table: str, name: str, before: date) -> bool:
    month = _MONTH.fullmatch(name.removeprefix(f"{table}_"))
    if month is None:  # the default partition
        old = text(f"DELETE FROM {name} WHERE created_at < :before")  # noqa: S608 - a name of ours
        connection.execute(old, {"before": datetime.combine(before, time(), UTC)})
        return False
    over = _after(date(int(month[1]), int(month[2]), 1)) <= before
    if over:
        connection.execute(text(f"DROP TABLE {name}"))
    return over


def _months(today: date, count: int) -> Iterator[tuple[date, date]]:
    first = today.replace(day=1)
    for _ in range(count):
        after = _after(first)
        yield first, after
        first = after


def _after(first: date) -> date:
    """The first day of the next month."""
    year, month = divmod(first.year * 12 + first.month, 12)
    return date(year, month + 1, 1)


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
