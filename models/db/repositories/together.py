"""Rows of several tables in one statement: one trip to the database, however many tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Column, Table
from sqlalchemy.dialects.postgresql.base import PGDialect

from models.db.repositories import arrays

# How each type is written: one value, and an array of them. Each is text or bytes, whatever it
# holds: the driver keeps a statement by its values' types, and would keep many of each.
# No writer: as it is.
_One = Callable[[Any], str] | None
_Many = Callable[[Iterable[Any]], str]
_WRITERS: Mapping[str, tuple[_One, _Many]] = {
    "UUID": (lambda value: value.hex, arrays.uuids),
    "TEXT": (None, arrays.texts),
    "BYTEA": (None, arrays.raws),
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


@dataclass(frozen=True, slots=True)
class Looked:
    """Rows that the database makes, after all others, of what it looks up before any.

    ``query``: what it looks up, called ``looked`` by the rest, with ``%(name)s`` for each value.
    ``holds``: the condition without which nothing at all is inserted. ``columns``: each with the
    SQL that it is reckoned by. ``source``: what follows FROM.
    """

    table: Table
    query: str
    holds: str
    columns: tuple[tuple[str, str], ...]
    source: str


def write_together(
    parts: Sequence[Rows],
    same: Mapping[str, Any],
    looked: Looked | None = None,
    **looked_by: str,
) -> tuple[str, dict[str, Any]]:
    """Write the statement that inserts rows of several tables, and its values, for the driver.

    References among the rows are checked when all are there. A column in which no row has a value
    is left out: the fewer values a statement has, the less the driver and the database do for each.

    Args:
        parts: the tables, in the order in which they are filled.
        same: what columns of several tables say alike, by name; none of it is None.
        looked: rows that depend on what the database holds now.
        looked_by: the values of its query.

    Returns:
        A statement that tells, in one row of one column, whether the rows of the gate were
        inserted, and what comes after them.
    """
    filled = [part for part in parts if part.rows]
    statement, plans, write_same = _statement(tuple(map(_shape, filled)), looked)
    values: dict[str, Any] = {name: one(same[name]) for name, one in write_same}
    values |= looked_by
    for part, plan in zip(filled, plans, strict=True):
        if len(part.rows) == 1:
            for place, name, one, _ in plan:
                value = part.rows[0][name]
                values[place] = one(value) if one else value
        else:
            for place, name, _, many in plan:
                values[place] = many([row[name] for row in part.rows])
    return statement, values


class _Shape(NamedTuple):
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
    rows = part.rows
    names = [name for name, value in rows[0].items() if value is not None]
    if len(rows) > 1:
        names = [name for name in rows[0] if any(row[name] is not None for row in rows)]
    return _Shape(
        part.table,
        tuple(names),
        part.same,
        part.reckoned,
        len(rows) == 1,
        part.unless_there,
        part.gate,
    )


# Where a column's values stand in the statement, its name, and how one and many are written.
_Plan = list[tuple[str, str, _One, _Many]]
_Same = list[tuple[str, Callable[[Any], Any]]]


@lru_cache(maxsize=256)
def _statement(shapes: tuple[_Shape, ...], looked: Looked | None) -> tuple[str, list[_Plan], _Same]:
    """Write the statement for these shapes, and say how each column is written."""
    steps, open_if, plans = [], "", []
    if looked:
        steps.append(f"looked AS MATERIALIZED ({looked.query})")
        open_if = f"WHERE {looked.holds}"
    same: dict[str, Callable[[Any], Any]] = {}
    for n, shape in enumerate(shapes):
        kinds = [_kind(shape.table.c[name]) for name in shape.names]
        plans.append(
            [
                (f"v{n}_{m}", name, *_WRITERS[kind])
                for m, (name, kind) in enumerate(zip(shape.names, kinds, strict=True))
            ]
        )
        array = "" if shape.single else "[]"
        given = ", ".join(f"CAST(%(v{n}_{m})s AS {kind}{array})" for m, kind in enumerate(kinds))
        source = shape.source.format(given)
        chosen = [given if shape.single else "given.*"]
        for column, name in shape.same:
            kind = _kind(shape.table.c[column])
            same[name] = _WRITERS[kind][0] or _as_it_is
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
    if looked:
        columns = ", ".join(name for name, _ in looked.columns)
        made = ", ".join(reckoned for _, reckoned in looked.columns)
        steps.append(
            f"made AS (INSERT INTO {looked.table.name} ({columns})"  # noqa: S608 - words of ours
            f" SELECT {made} FROM {looked.source} {open_if})"
        )
    whole = f"WITH {', '.join(steps)} SELECT EXISTS (SELECT 1 {open_if})"
    return whole, plans, list(same.items())


def _as_it_is(value: Any) -> Any:
    return value


def _kind(column: Column[Any]) -> str:
    return column.type.compile(PGDialect())  # type: ignore[no-untyped-call]
