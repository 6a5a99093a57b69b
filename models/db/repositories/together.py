"""Rows of several tables in one statement: one trip to the database, however many tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Table, TextClause, text
from sqlalchemy.dialects.postgresql.base import PGDialect

from models.db.repositories import arrays

_WRITERS: Mapping[str, Callable[[Iterable[Any]], str]] = {
    "UUID": arrays.uuids,
    "TEXT": arrays.texts,
    "BYTEA": arrays.raws,
    "JSONB": arrays.documents,
    "TIMESTAMP WITH TIME ZONE": arrays.moments,
    "INTEGER": arrays.numbers,
    "BIGINT": arrays.numbers,
    "BOOLEAN": lambda values: arrays.texts(None if each is None else str(each) for each in values),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table, all with the same columns.

    ``unless_there``: those that are there already are left out. ``gate``: what comes after these
    rows is inserted only if they are.
    """

    table: Table
    rows: Sequence[Mapping[str, Any]]
    unless_there: bool = False
    gate: bool = False


def insert_together(connection: Connection, parts: Sequence[Rows]) -> bool:
    """Insert rows of several tables; references among them are checked when all are there.

    Returns:
        Whether the rows of the gate were inserted, and what comes after them.
    """
    filled = [part for part in parts if part.rows]
    statement, writers = _statement(
        tuple((part.table, tuple(part.rows[0]), part.unless_there, part.gate) for part in filled)
    )
    values = {
        f"v{n}_{m}": write(row[column] for row in part.rows)
        for n, part in enumerate(filled)
        for m, (column, write) in enumerate(zip(part.rows[0], writers[n], strict=True))
    }
    return bool(connection.execute(statement, values).scalar_one())


_Shape = tuple[Table, tuple[str, ...], bool, bool]


@lru_cache(maxsize=64)
def _statement(
    shapes: tuple[_Shape, ...],
) -> tuple[TextClause, list[list[Callable[[Iterable[Any]], str]]]]:
    """Write the statement for these tables and columns, and say how each column is written."""
    steps, open_if, writers = [], "", []
    for n, (table, names, unless_there, gate) in enumerate(shapes):
        columns = [table.c[name] for name in names]
        kinds = [_kind(column) for column in columns]
        writers.append([_WRITERS[kind] for kind in kinds])
        given = ", ".join(f"CAST(:v{n}_{m} AS {kind}[])" for m, kind in enumerate(kinds))
        steps.append(
            f"i{n} AS (INSERT INTO {table.name} ({', '.join(names)})"  # noqa: S608 - our own tables
            f" SELECT * FROM unnest({given}) AS given {open_if}"
            f" {'ON CONFLICT DO NOTHING' if unless_there else ''} RETURNING 1)"
        )
        if gate:
            open_if = f"WHERE EXISTS (SELECT 1 FROM i{n})"  # noqa: S608 - a name of ours
    return text(f"WITH {', '.join(steps)} SELECT EXISTS (SELECT 1 {open_if})"), writers


def _kind(column: Column[Any]) -> str:
    return column.type.compile(PGDialect())  # type: ignore[no-untyped-call]
