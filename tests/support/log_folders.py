"""Folders with logs as docs/events.md has them, row by row, so that tests can spoil one."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from matcher.features.declared import FEATURES, declarations_hash
from models.domain.ids import new_id
from models.domain.log_form import FORM, FORM_VERSION, TABLES

Row = dict[str, Any]

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SERVED = NOW - timedelta(days=3)
CATALOG = "c1"


def slate_ids(count: int) -> list[UUID]:
    """Ids of slates, in order, the same each time."""
    return [new_id(SERVED + timedelta(seconds=n), bytes) for n in range(count)]


def a_row(slate_id: UUID, position: int, **changes: Any) -> Row:
    """A listing as a file has it."""
    values: Row = {
        "slate_id": str(slate_id),
        "served_at": SERVED.isoformat(),
        "origin": "",
        "simulated": False,
        "catalog_version": CATALOG,
        "ranker_version": "r1",
        "features": declarations_hash(),
        "explore_share": 0.05,
        "explored": False,
        "draw_propensity": 0.95,
        "page": (position - 1) // 20 + 1,
        "position": position,
        "organic_position": position,
        "plain_position": position,
        "program_id": f"prog_{100_000 + position}.5107.2.-.-",
        "campaign_version_id": None,
        "score": 1000 - position,
        "codes": [0] * len(FEATURES),
        "propensity": 0.98,
        "request": "here",
    }
    return {**values, **changes}


def an_event(row: Mapping[str, Any], kind: str, **changes: Any) -> Row:
    """Something that happened to a listing, a minute after it was served."""
    at = (SERVED + timedelta(minutes=1)).isoformat()
    place = {name: row[name] for name in ("slate_id", "position")}
    return {**place, "kind": kind, "at": at, **changes}


def a_log(slates: int = 5, listings: int = 4) -> tuple[list[Row], list[Row]]:
    """Listings and events of a good log: each listing was seen, each first one clicked."""
    rows = [a_row(one, at) for one in slate_ids(slates) for at in range(1, listings + 1)]
    seen = [an_event(row, "impression") for row in rows]
    return rows, seen + [an_event(row, "click") for row in rows if row["position"] == 1]


def write_folder(
    folder: Path, listings: Iterable[Row], events: Iterable[Row], *, parquet: bool = False
) -> Path:
    """Write a folder with one part, and the manifest that it needs."""
    files = []
    for table, rows in (("listings", listings), ("events", events)):
        path = folder / table / "part-00000.ndjson"
        path.parent.mkdir(parents=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        if parquet:
            path = as_parquet(path, {each.name: each.type for each in TABLES[table]})
        files.append({"path": f"{table}/{path.name}", "sha256": sha(path)})
    manifest = {"form": FORM, "version": FORM_VERSION, "files": files}
    manifest["format"] = "parquet" if parquet else "ndjson"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def as_parquet(path: Path, types: Mapping[str, str]) -> Path:
    """Turn a file into Parquet with columns of these types."""
    to = path.with_suffix(".parquet")
    with duckdb.connect() as connection:
        rows = connection.read_json(str(path), columns=dict(types), format="newline_delimited")
        rows.write_parquet(str(to))
    path.unlink()
    return to


def sha(path: Path) -> str:
    """The checksum of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_rows(folder: Path, table: str, files: str = "*.parquet") -> list[Row]:
    """The rows of a table of a folder, in the order of its files."""
    moments = [each.name for each in TABLES[table] if each.type.startswith("TIMESTAMP")]
    # DuckDB gives moments with a zone only to those who have pytz.
    naive = ", ".join(f'"{name}"::TIMESTAMP AS "{name}"' for name in moments)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.read_parquet(str(folder / table / files))
        rows = rows.project(f"* REPLACE ({naive})")
        found = [dict(zip(rows.columns, values, strict=True)) for values in rows.fetchall()]
    return [{**row, **{name: row[name].replace(tzinfo=UTC) for name in moments}} for row in found]
