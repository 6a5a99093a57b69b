"""Small made logs: pages as served and what happened, written down as docs/events.md says."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from matcher.features.declared import declarations_hash
from matcher.learn.dataset import Dataset
from matcher.learn.dataset_build import Crew, Rules, build_dataset
from matcher.learn.dataset_parts import Desk
from models.domain.log_form import FORM, FORM_VERSION, HERE, MANIFEST, TABLES, Column
from models.domain.slates import EventKind

_ARROW = {
    "UUID": pa.uuid(),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", tz="UTC"),
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int32(),
    "DOUBLE": pa.float64(),
    "UTINYINT[]": pa.list_(pa.uint8()),
}


@dataclass(frozen=True)
class Served:
    """A page as served; each of ``listings`` holds what a row of the form has beside the rest."""

    slate_id: UUID
    at: datetime
    listings: tuple[Mapping[str, Any], ...]
    simulated: bool = False
    catalog_version: str = "c"
    ranker_version: str = "r"
    page: int = 1

    def rows(self) -> list[dict[str, Any]]:
        features = declarations_hash()
        return [
            {
                "slate_id": self.slate_id,
                "served_at": self.at,
                "origin": HERE,
                "simulated": self.simulated,
                "catalog_version": self.catalog_version,
                "ranker_version": self.ranker_version,
                "features": features,
                "explore_share": 0.0,
                "explored": False,
                "draw_propensity": 1.0,
                "page": self.page,
                "plain_position": listing["organic_position"],
                **listing,
                "campaign_version_id": _uuid(listing["campaign_version_id"]),
            }
            for listing in self.listings
        ]


@dataclass(frozen=True)
class Happened:
    """One thing that happened to a place of a slate."""

    slate_id: UUID
    kind: EventKind | str
    position: int
    at: datetime

    def row(self) -> dict[str, Any]:
        kind = str(self.kind)
        return {"slate_id": self.slate_id, "position": self.position, "kind": kind, "at": self.at}


def write_down(
    folder: Path, pages: Iterable[Served], events: Iterable[Happened], parts: int = 1
) -> Path:
    """Write a log into a folder; slates go to the parts by turns, rows as they come."""
    served, happened = list(pages), list(events)
    part = {page.slate_id: number % parts for number, page in enumerate(served)}
    for number in range(parts):
        rows = {
            "listings": [
                row for page in served if part[page.slate_id] == number for row in page.rows()
            ],
            "events": [each.row() for each in happened if part.get(each.slate_id, 0) == number],
        }
        for table, columns in TABLES.items():
            path = folder / table / f"part-{number:05}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            arrays = {column.name: _array(rows[table], column) for column in columns}
            pq.write_table(pa.table(arrays), path)
    manifest = {"form": FORM, "version": FORM_VERSION}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder


def _uuid(value: str | None) -> UUID | None:
    return UUID(value) if value else None


def _array(rows: list[dict[str, Any]], column: Column) -> pa.Array:
    values = (row[column.name] for row in rows)
    plain = [value.bytes if isinstance(value, UUID) else value for value in values]
    return pa.array(plain, _ARROW[column.type])


def dataset_of(
    folder: Path,
    pages: Iterable[Served],
    events: Iterable[Happened],
    rules: Rules,
    crew: Crew | None = None,
) -> Dataset:
    """Write a log down and read it."""
    log = write_down(folder / "log", pages, events)
    return build_dataset([log], rules, Desk(folder / "desk", threads=1), crew)


def bytes_of(data: Dataset) -> dict[str, object]:
    """Everything a data set holds, arrays as their bytes."""
    told = {each.name: getattr(data, each.name) for each in fields(data)}
    told["judges"] = data.judges.tobytes()
    for table in ("examples", "priced"):
        values = told.pop(table)
        for each in fields(values):
            array = getattr(values, each.name)
            told[f"{table}.{each.name}"] = (array.dtype.str, array.shape, array.tobytes())
    return told
