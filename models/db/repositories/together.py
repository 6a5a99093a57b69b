"""Rows of several tables in one statement: one trip to the database, however many tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Table
from sqlalchemy.dialects.postgresql.base import PGDialect

from models.db.repositories import arrays

# How each type is written: one value, and an array of them. Each is text or bytes, whatever it
# holds: the driver keeps a statement by its values' types, and would keep many of each.
_Writers = tuple[Callable[[Any], str | bytes], Callable[[Iterable[Any]], str]]
_WRITERS: Mapping[str, _Writers] = {
    "UUID": (lambda value: value.hex, arrays.uuids),
    "TEXT": (lambda value: value, arrays.texts),
    "BYTEA": (lambda value: value, arrays.raws),
    "JSONB": (arrays.document, arrays.documents),
    "TIMESTAMP WITH TIME ZONE": (lambda value: value.isoformat(), arrays.moments),
    "INTEGER": (str, arrays.numbers),
    "BIGINT": (str, arrays.numbers),
    "BOOLEAN": (
        str,
        lambda values: arrays.texts(None if each is None else str(each) for each in values),
    ),
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of one table, all with the same columns.

    ``same``: further columns, and by which names their values are given once for all tables.
    ``reckoned``: further columns, and the SQL that the database reckons them by. ``unless_there``:
    rows that are there already are left out. ``gate``: what comes after these rows is inserted only
    if they are.
    """

    table: Table
    rows: Sequence[Mapping[str, Any]]
    same: tuple[tuple[str, str], ...] = ()
    reckoned: tuple[tuple[str, str], ...] = ()
    unless_there: bool = False
    gate: bool = False


def insert_together(connection: Connection, parts: Sequence[Rows], same: Mapping[str, Any]) -> bool:
    """Insert rows of several tables; references among them are checked when all are there.

    A column in which no row has a value is left out: the fewer values a statement has, the less
    the driver and the database do for each.

    Args:
        connection: inside a transaction.
        parts: the tables, in the order in which they are filled.
        same: what columns of several tables say alike, by name; none of it is None.

    Returns:
        Whether the rows of the gate were inserted, and what comes after them.
    """
    filled = [part for part in parts if part.rows]
    shapes = tuple(map(_shape, filled))
    statement, writers, write_same = _statement(shapes)
    values: dict[str, str | bytes] = {name: write(same[name]) for name, write in write_same}
    for n, (part, shape) in enumerate(zip(filled, shapes, strict=True)):
        for m, (name, (one, many)) in enumerate(zip(shape.names, writers[n], strict=True)):
            if shape.single:
                values[f"v{n}_{m}"] = one(part.rows[0][name])
            else:
                values[f"v{n}_{m}"] = many(row[name] for row in part.rows)
    # As the driver reads it: there is nothing in it for SQLAlchemy to compile, each time anew.
    return bool(connection.exec_driver_sql(statement, values).scalar_one())


@dataclass(frozen=True, slots=True)
class _Shape:
    """What of some rows decides how the statement reads."""

    table: Table
    names: tuple[str, ...]
    same: tuple[tuple[str, str], ...]
    reckoned: tuple[tuple[str, str], ...]
    single: bool
    unless_there: bool
    gate: bool

    @property
    def source(self) -> str:
        """Where arrays of values come from, when there are any."""
        return "" if self.single else "FROM unnest({}) AS given"


def _shape(part: Rows) -> _Shape:
    first = part.rows[0]
    names = tuple(
        name
        for name, value in first.items()
        if value is not None or any(row[name] is not None for row in part.rows)
    )
    return _Shape(
        part.table,
        names,
        part.same,
        part.reckoned,
        len(part.rows) == 1,
        part.unless_there,
        part.gate,
    )


_Named = list[tuple[str, Callable[[Any], str | bytes]]]


@lru_cache(maxsize=256)
def _statement(shapes: tuple[_Shape, ...]) -> tuple[str, list[list[_Writers]], _Named]:
    """Write the statement for these shapes, and say how each column is written."""
    steps, open_if, writers = [], "", []
    same: dict[str, Callable[[Any], str | bytes]] = {}
    for n, shape in enumerate(shapes):
        kinds = [_kind(shape.table.c[name]) for name in shape.names]
        writers.append([_WRITERS[kind] for kind in kinds])
        array = "" if shape.single else "[]"
        given = ", ".join(f"CAST(%(v{n}_{m})s AS {kind}{array})" for m, kind in enumerate(kinds))
        source = shape.source.format(given)
        chosen = [given if shape.single else "given.*"]
        for column, name in shape.same:
            kind = _kind(shape.table.c[column])
            same[name] = _WRITERS[kind][0]
            chosen.append(f"CAST(%({name})s AS {kind})")
        chosen += [expression for _, expression in shape.reckoned]
        columns = ", ".join((*shape.names, *(name for name, _ in shape.same + shape.reckoned)))
        steps.append(
            f"i{n} AS (INSERT INTO {shape.table.name} ({columns})"
            f" SELECT {', '.join(chosen)} {source} {open_if}"
            f" {'ON CONFLICT DO NOTHING' if shape.unless_there else ''} RETURNING 1)"
        )
        if shape.gate:
            open_if = f"WHERE EXISTS (SELECT 1 FROM i{n})"  # noqa: S608 - a name of ours
    whole = f"WITH {', '.join(steps)} SELECT EXISTS (SELECT 1 {open_if})"
    return whole, writers, list(same.items())


def _kind(column: Column[Any]) -> str:
    return column.type.compile(PGDialect())  # type: ignore[no-untyped-call]
