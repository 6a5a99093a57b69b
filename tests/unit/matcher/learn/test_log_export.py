"""Writing a log down: parts of whole slates, the same each time, whole or not at all."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest

from matcher.features.declared import FEATURES, declarations_hash
from matcher.learn.dataset_build import parts_of
from matcher.learn.log_export import Export, Format, LogFilesError, export_log
from matcher.learn.log_import import Asked, Known, import_log
from matcher.learn.log_imported import imported_logs
from models.domain.log_form import LISTINGS, LogWindow
from tests.support.log_folders import (
    CATALOG,
    NOW,
    SERVED,
    Row,
    a_log,
    an_event,
    read_rows,
    slate_ids,
)


def as_csv(values: Iterator[object]) -> bytes:
    """A row as PostgreSQL copies it out."""
    return (",".join(map(_field, values)) + "\n").encode()


def _field(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    text = json.dumps(value) if isinstance(value, list) else str(value)
    return '"' + text.replace('"', '""') + '"' if not text or set(text) & set(',"') else text


@dataclass(frozen=True)
class Rows:
    """A log of rows; ``stops``: somebody presses Ctrl-C after so many events."""

    listings_: list[Row]
    events_: list[Row]
    stops: int | None = None

    def stand_still(self) -> None: ...

    def listings(self, window: LogWindow) -> Iterator[bytes]:
        del window
        for row in self.listings_:
            yield as_csv(row[column.name] for column in LISTINGS)

    def events(self, window: LogWindow) -> Iterator[bytes]:
        del window
        for count, row in enumerate(self.events_):
            if count == self.stops:
                raise KeyboardInterrupt
            yield as_csv(row[name] for name in ("slate_id", "position", "kind", "at"))

    def served(self, slate_ids: object) -> list[UUID]:
        del slate_ids
        return []


def in_order(events: list[Row]) -> list[Row]:
    return sorted(events, key=lambda e: (e["slate_id"], e["position"], e["kind"]))


def export(folder: Path, rows: Rows, a_part: int = 10, form: Format = "parquet") -> Path:
    export_log(rows, folder, Export(LogWindow(), NOW, form, a_part))
    return folder


def test_parts_hold_whole_slates_with_what_happened_to_them(tmp_path: Path) -> None:
    listings, events = a_log(slates=9, listings=4)
    # One of a slate before all others and one of a slate after.
    ends = (UUID(int=1), UUID(int=(1 << 128) - 1))
    stray = [an_event({"slate_id": str(one), "position": 1}, "click") for one in ends]
    folder = export(tmp_path / "log", Rows(listings, in_order(events + stray)))
    assert len(parts_of(folder)) == 3
    whole = []
    for part in parts_of(folder):
        rows = read_rows_of(part.listings, "listings")
        happened = {row["slate_id"] for row in read_rows_of(part.events, "events")}
        assert len(rows) == 12
        assert {row["slate_id"] for row in rows} <= happened
        whole += rows
    assert [row["slate_id"] for row in whole] == [UUID(row["slate_id"]) for row in listings]
    assert len(read_rows(folder, "events")) == len(events) + 2
    assert whole[0] == {
        **listings[0],
        "slate_id": UUID(listings[0]["slate_id"]),
        "served_at": SERVED,
    }


def read_rows_of(path: Path, table: str) -> list[Row]:
    return read_rows(path.parents[1], table, path.name)


def test_the_manifest_says_what_the_files_are(tmp_path: Path) -> None:
    listings, events = a_log()
    folder = export(tmp_path / "log", Rows(listings, in_order(events)))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["form"], manifest["version"], manifest["format"]) == (
        "schoolmatch-log",
        1,
        "parquet",
    )
    assert manifest["rows"] == {"listings": 20, "events": 25}
    assert manifest["features"]["hash"] == declarations_hash()
    assert len(manifest["features"]["declared"]) == len(FEATURES)
    for file in manifest["files"]:
        content = (folder / file["path"]).read_bytes()
        assert file["bytes"] == len(content)
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
    assert {path.name for path in folder.iterdir()} == {"manifest.json", "listings", "events"}


def test_the_same_log_gives_the_same_files(tmp_path: Path) -> None:
    listings, events = a_log(slates=12)
    rows = Rows(listings, in_order(events))
    one, other = (export(tmp_path / name, rows) for name in ("one", "other"))
    for path in one.glob("*/*"):
        assert path.read_bytes() == (other / path.relative_to(one)).read_bytes()


def test_a_log_in_which_nothing_is_is_written_too(tmp_path: Path) -> None:
    folder = export(tmp_path / "log", Rows([], []))
    assert len(parts_of(folder)) == 1
    assert read_rows(folder, "listings") == read_rows(folder, "events") == []


@pytest.mark.parametrize("form", ["parquet", "ndjson"])
def test_what_was_written_is_taken_in_as_it_was(tmp_path: Path, form: Format) -> None:
    listings, events = a_log(slates=7)
    listings[3] |= {"campaign_version_id": str(UUID(int=5)), "request": None, "simulated": True}
    listings[4] |= {"explored": True, "plain_position": 3, "draw_propensity": 1e-9}
    folder = export(tmp_path / "log", Rows(listings, in_order(events)), form=form)
    known = Known(frozenset({CATALOG}), lambda _: (), NOW)
    report = import_log(folder, Asked("there", "a test"), tmp_path / "store", known)
    assert (report.refused, report.aside) == ((), {"listings": {}, "events": {}})
    (log,) = imported_logs(tmp_path / "store")
    whole = export(tmp_path / "again", Rows(listings, in_order(events)))
    assert read_rows(log, "events") == read_rows(whole, "events")
    assert [{**row, "origin": ""} for row in read_rows(log, "listings")] == read_rows(
        whole, "listings"
    )


def test_stopping_leaves_nothing(tmp_path: Path) -> None:
    listings, events = a_log()
    with pytest.raises(KeyboardInterrupt):
        export(tmp_path / "log", Rows(listings, in_order(events), stops=3))
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_export_left_is_replaced(tmp_path: Path) -> None:
    left = tmp_path / ".log.partial" / "listings"
    left.mkdir(parents=True)
    (left / "part-00007.parquet").write_text("half a file")
    folder = export(tmp_path / "log", Rows(*a_log()))
    assert [path.name for path in tmp_path.iterdir()] == ["log"]
    assert not (folder / "listings" / "part-00007.parquet").exists()


def test_a_folder_with_something_in_it_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(LogFilesError, match="something in it"):
        export(tmp_path, Rows([], []))
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    assert len(parts_of(export(tmp_path / "empty", Rows([], [])))) == 1


def test_slates_of_these_tests_come_in_the_order_of_time() -> None:
    ids = slate_ids(300)
    assert ids == sorted(set(ids))
