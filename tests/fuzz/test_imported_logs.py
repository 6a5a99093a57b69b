"""Logs from elsewhere with odd rows, manifests and bytes: kept whole, or refused with a reason."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from matcher.learn.log_import import Asked, Known, Report, import_log
from matcher.learn.log_imported import imported_logs
from models.domain.log_form import TABLES
from tests.fuzz.odd import odd_bytes, odd_json, search
from tests.support.log_folders import CATALOG, NOW, Row, a_log, as_parquet, read_rows, sha

KNOWN = Known(frozenset({CATALOG}), lambda _: [], NOW)
DOCS = (Path(__file__).parents[2] / "docs/events.md").read_text()
REASONS = frozenset(re.findall(r"`([a-z_]+)`", DOCS.partition("## What is set aside")[2]))


@st.composite
def odd_rows(draw: st.DrawFn, rows: list[Row]) -> list[Row]:
    """Draw rows of a table, a few of them with odd values."""
    found = [dict(row) for row in rows]
    for _ in range(draw(st.integers(0, 2))):
        row = found[draw(st.integers(0, len(found) - 1))]
        row[draw(st.sampled_from(sorted(row)))] = draw(odd_json)
    return found


@st.composite
def odd_folder(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what a folder holds: the rows of both tables, and what its manifest says besides."""
    listings, events = a_log()
    said = draw(st.dictionaries(st.sampled_from(["form", "version", "format", "since"]), odd_json))
    return {
        "listings": draw(odd_rows(listings)),
        "events": draw(odd_rows(events)),
        "said": said if draw(st.integers(0, 3)) == 0 else {},
        "as": draw(st.sampled_from(["ndjson", "ndjson", "parquet"])),
    }


def write(folder: Path, drawn: Mapping[str, Any], data: st.DataObject) -> None:
    """Write a folder; its manifest tells the checksums of what is there, so that it is read."""
    files = []
    for table, columns in TABLES.items():
        path = folder / table / "part-00000.ndjson"
        path.parent.mkdir(parents=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in drawn[table]))
        if drawn["as"] == "parquet":
            right = dict(zip(TABLES, a_log(), strict=True))[table]
            path.write_text("".join(json.dumps(row) + "\n" for row in right))
            path = as_parquet(path, {each.name: each.type for each in columns})
        if data.draw(st.integers(0, 3)) == 0:
            path.write_bytes(data.draw(odd_bytes(path.read_bytes())))
        files.append({"path": f"{table}/{path.name}", "sha256": sha(path)})
    manifest = {"form": "schoolmatch-log", "version": 1, "format": drawn["as"], "files": files}
    written = json.dumps({**manifest, **drawn["said"]}).encode()
    if data.draw(st.integers(0, 5)) == 0:
        written = data.draw(st.one_of(odd_bytes(written), st.just(b"[" * 100_000)))
    (folder / "manifest.json").write_bytes(written)


def check(report: Report, store: Path) -> None:
    """Nothing is kept of what is refused; of what is kept the report counts every row."""
    logs = imported_logs(store)
    there = [path.name for path in (store / "log").iterdir()] if (store / "log").exists() else []
    if report.refused:
        assert there == []
        for line in report.refused:
            assert line.partition(":")[0] in REASONS, line
            assert line.isprintable(), line
        return
    assert there == [report.id] == [log.name for log in logs]
    for table in TABLES:
        aside = report.aside[table]
        assert report.rows[table] == report.kept[table] + sum(aside.values())
        assert set(aside) <= REASONS
        assert len(read_rows(logs[0], table)) == report.kept[table]


def test_a_log_is_kept_whole_or_refused_with_the_reason(tmp_path: Path) -> None:
    numbers = iter(range(1_000_000))

    @search(times=3)
    @given(drawn=odd_folder(), data=st.data())
    def try_folder(drawn: Mapping[str, Any], data: st.DataObject) -> None:
        here = tmp_path / str(next(numbers))
        write(here / "folder", drawn, data)
        asked = Asked("partner-1", "a test")
        check(import_log(here / "folder", asked, here / "store", KNOWN), here / "store")

    try_folder()
