"""Writes a log as the Parquet files of docs/events.md, streamed, a part at a time."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from models.domain.log_form import EVENTS, FORM, FORM_VERSION, LISTINGS, Column

Row = Mapping[str, Any]

LISTINGS_A_PART = 1_000_000
_AT_ONCE = 122_880
_ARROW = {
    "UUID": pa.uuid(),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", tz="UTC"),
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "UTINYINT[]": pa.list_(pa.uint8()),
}


def write_log(
    folder: Path,
    listings: Iterable[Row],
    events: Iterable[Row],
    *,
    listings_a_part: int = LISTINGS_A_PART,
) -> None:
    """Write a log into a folder; a slate and what happened to it are in one part.

    Args:
        folder: where to write; made when it is not there.
        listings: rows of ``LISTINGS``, by slate.
        events: rows of ``EVENTS``, by slate.
        listings_a_part: about how many listings a part has.
    """
    number, waiting = 0, _Ahead(events)
    served = _Ahead(listings)
    while served or waiting or number == 0:
        last = _write(folder, "listings", number, LISTINGS, served.some(listings_a_part))
        upto = last["slate_id"] if last is not None and served else None
        _write(folder, "events", number, EVENTS, waiting.upto(upto))
        number += 1
    manifest = {"form": FORM, "version": FORM_VERSION}
    (folder / "manifest.json").write_text(json.dumps(manifest))


class _Ahead:
    """Rows by slate, of which the next is known."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = iter(rows)
        self._next = next(self._rows, None)

    def __bool__(self) -> bool:
        return self._next is not None

    def some(self, count: int) -> Iterator[Row]:
        """Take about so many, whole slates."""
        taken, slate = 0, None
        while self._next is not None and (taken < count or self._next["slate_id"] == slate):
            slate = self._next["slate_id"]
            yield self._take()
            taken += 1

    def upto(self, slate_id: UUID | None) -> Iterator[Row]:
        """Take those of slates up to one; all that are left where none is named."""
        while self._next is not None and (slate_id is None or self._next["slate_id"] <= slate_id):
            yield self._take()

    def _take(self) -> Row:
        row = self._next
        assert row is not None  # noqa: S101 - asked by all who call
        self._next = next(self._rows, None)
        return row


def _write(
    folder: Path, table: str, number: int, columns: Sequence[Column], rows: Iterator[Row]
) -> Row | None:
    """Write one file; return its last row."""
    path = folder / table / f"part-{number:05}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([(column.name, _ARROW[column.type]) for column in columns])
    last = None
    with pq.ParquetWriter(path, schema, compression="zstd") as file:
        while some := list(islice(rows, _AT_ONCE)):
            last = some[-1]
            columns_of = {field.name: _column(some, field) for field in schema}
            file.write_table(pa.table(columns_of, schema))
    return last


def _column(rows: Sequence[Row], field: pa.Field) -> pa.Array:
    values = [row[field.name] for row in rows]
    if field.type == pa.uuid():
        values = [None if value is None else value.bytes for value in values]
    return pa.array(values, field.type)
