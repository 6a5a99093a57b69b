"""Small made logs: pages as served and what happened, written down as docs/events.md says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from matcher.features.declared import declarations_hash
from matcher.learn.dataset import Dataset
from matcher.learn.dataset_build import Crew, Rules, build_dataset
from matcher.learn.dataset_parts import Desk
from matcher.learn.log_files import write_log
from models.domain.log_form import HERE
from models.domain.slates import EventKind


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
        return [
            {
                "slate_id": self.slate_id,
                "served_at": self.at,
                "origin": HERE,
                "simulated": self.simulated,
                "catalog_version": self.catalog_version,
                "ranker_version": self.ranker_version,
                "features": declarations_hash(),
                "explore_share": 0.0,
                "explored": False,
                "draw_propensity": 1.0,
                "page": self.page,
                "plain_position": listing["organic_position"],
                **listing,
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


def write_down(folder: Path, pages: Iterable[Served], events: Iterable[Happened]) -> Path:
    """Write a log into a folder, whatever order it comes in."""
    served = sorted(pages, key=lambda page: page.slate_id)
    happened = sorted(events, key=lambda event: event.slate_id)
    write_log(folder, (row for page in served for row in page.rows()), (e.row() for e in happened))
    return folder


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
