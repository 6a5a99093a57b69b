"""A log from elsewhere: what is kept of it, what is set aside, what is refused, and why."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from matcher.features.declared import FEATURES
from matcher.learn.log_export import LogFilesError
from matcher.learn.log_import import (
    Asked,
    Known,
    Report,
    import_log,
    remove_imported,
)
from matcher.learn.log_imported import imported_logs, read_imported
from models.domain.log_form import KINDS, TABLES
from tests.support.log_folders import (
    CATALOG,
    NOW,
    SERVED,
    Row,
    a_log,
    a_row,
    an_event,
    as_parquet,
    read_rows,
    sha,
    slate_ids,
    write_folder,
)

STRANGER = UUID(int=77)


def known(*served: UUID) -> Known:
    def asked(ids: Sequence[UUID]) -> list[UUID]:
        return [each for each in served if each in ids]

    return Known(frozenset({CATALOG}), asked, NOW)


def take(tmp_path: Path, folder: Path, *served: UUID, **changes: Any) -> Report:
    asked = Asked(**{"origin": "partner-1", "by": "a test", **changes})
    return import_log(folder, asked, tmp_path / "store", known(*served))


def taken(tmp_path: Path, listings: list[Row], events: list[Row]) -> Report:
    return take(tmp_path, write_folder(tmp_path / "folder", listings, events))


@pytest.mark.parametrize("parquet", [False, True])
def test_a_good_log_is_kept_whole_sorted_and_marked(tmp_path: Path, *, parquet: bool) -> None:
    listings, events = a_log(slates=6)
    folder = write_folder(tmp_path / "folder", listings[::-1], events[::-1], parquet=parquet)
    report = take(tmp_path, folder)
    assert report.refused == ()
    assert report.kept == report.rows == {"listings": 24, "events": 30}
    assert report.aside == {"listings": {}, "events": {}}
    (log,) = imported_logs(tmp_path / "store")
    assert log.name == report.id
    rows = read_rows(log, "listings")
    assert [(str(row["slate_id"]), row["position"]) for row in rows] == [
        (row["slate_id"], row["position"]) for row in listings
    ]
    assert {row["origin"] for row in rows} == {"partner-1"}
    assert rows[0]["served_at"] == SERVED
    same = set(rows[0]) - {"origin", "served_at", "slate_id"}
    assert {name: rows[3][name] for name in same} == {name: listings[3][name] for name in same}
    happened = read_rows(log, "events")
    assert [(str(e["slate_id"]), e["position"], e["kind"]) for e in happened] == sorted(
        (e["slate_id"], e["position"], e["kind"]) for e in events
    )
    assert {path.name for path in log.iterdir()} == {"manifest.json", *TABLES}
    kept = read_imported(log)
    assert kept["imported"]["by"] == "a test"
    assert kept["imported"]["origin"] == "partner-1"
    assert [file["sha256"] for file in kept["files"]] == [
        sha(log / file["path"]) for file in kept["files"]
    ]


LATE, EARLY = NOW + timedelta(seconds=61), SERVED - timedelta(seconds=61)

# What a listing may be: reason and what of it is changed.
LISTINGS: tuple[tuple[str, Row], ...] = (
    ("value_missing", {"program_id": None}),
    ("value_missing", {"served_at": None}),
    ("value_out_of_range", {"position": 0}),
    ("value_out_of_range", {"page": -1}),
    ("value_out_of_range", {"explore_share": 1.1}),
    ("value_out_of_range", {"request": "by pigeon"}),
    ("unknown_catalog", {"catalog_version": "c2"}),
    ("other_features", {"features": "0" * 64}),
    ("other_features", {"features": ""}),
    ("codes_missing", {"codes": [0] * (len(FEATURES) - 1)}),
    ("codes_missing", {"codes": [0] * (len(FEATURES) - 1) + [None]}),
    ("codes_missing", {"codes": []}),
    ("codes_out_of_range", {"codes": [FEATURES[0].size] + [0] * (len(FEATURES) - 1)}),
    ("propensity_out_of_range", {"propensity": 0.0}),
    ("propensity_out_of_range", {"propensity": 1.0000001}),
    ("propensity_out_of_range", {"propensity": -0.5}),
    ("propensity_out_of_range", {"draw_propensity": 0.0}),
    ("served_in_the_future", {"served_at": LATE.isoformat()}),
)


def test_listings_that_cannot_be_are_set_aside_with_what_happened_to_them(tmp_path: Path) -> None:
    listings, events = a_log(slates=4 * len(LISTINGS))
    spoiled = range(0, 16 * len(LISTINGS), 16)
    for at, (_, change) in zip(spoiled, LISTINGS, strict=True):
        listings[at] = {**listings[at], **change}
    report = taken(tmp_path, listings, events)
    assert report.refused == ()
    assert report.aside["listings"] == Counter(reason for reason, _ in LISTINGS)
    # Each was the first of its slate: it was seen and clicked.
    assert report.aside["events"] == {"event_of_a_listing_not_served": 2 * len(LISTINGS)}
    (log,) = imported_logs(tmp_path / "store")
    kept = {(str(row["slate_id"]), row["position"]) for row in read_rows(log, "listings")}
    good = [row for at, row in enumerate(listings) if at not in spoiled]
    assert kept == {(row["slate_id"], row["position"]) for row in good}


EVENTS: tuple[tuple[str, Row], ...] = (
    ("value_missing", {"kind": None}),
    ("value_out_of_range", {"kind": "applause"}),
    ("value_out_of_range", {"position": 0}),
    ("label_from_the_future", {"at": LATE.isoformat()}),
    ("event_of_a_listing_not_served", {"position": 9}),
    ("event_of_a_listing_not_served", {"slate_id": str(STRANGER)}),
    ("event_before_its_page", {"at": EARLY.isoformat()}),
)


def test_events_that_cannot_be_are_set_aside(tmp_path: Path) -> None:
    listings, events = a_log(slates=20)
    begun = [an_event(row, "request_started") for row in listings[: len(EVENTS)]]
    spoiled = [{**one, **change} for one, (_, change) in zip(begun, EVENTS, strict=True)]
    report = taken(tmp_path, listings, [*events, *spoiled])
    assert report.refused == ()
    assert report.aside == {"listings": {}, "events": Counter(reason for reason, _ in EVENTS)}
    assert report.kept == {"listings": 80, "events": 100}


def test_a_listing_twice_over_counts_once_and_in_two_ways_not_at_all(tmp_path: Path) -> None:
    listings, events = a_log(slates=20)
    twice, differently = dict(listings[0]), {**listings[5], "score": 7}
    report = taken(tmp_path, [*listings, twice, differently], events)
    assert report.aside["listings"] == {"duplicate_listing": 3}
    assert report.kept["listings"] == 79
    assert report.aside["events"] == {"event_of_a_listing_not_served": 1}


def test_a_slate_that_was_served_or_imported_here_is_not_taken_twice(tmp_path: Path) -> None:
    listings, events = a_log(slates=12)
    served = UUID(listings[0]["slate_id"])
    report = take(tmp_path, write_folder(tmp_path / "a", listings, events), served)
    assert report.aside["listings"] == {"duplicate_listing": 4}
    more = [a_row(one, 1) for one in slate_ids(80)]
    again = take(tmp_path, write_folder(tmp_path / "b", more, []), origin="partner-2")
    # Eleven were imported; the one that was served is unknown to this comparison.
    assert again.aside["listings"] == {"duplicate_listing": 11}
    assert again.kept["listings"] == 69


def test_an_event_twice_over_counts_once_the_first_time(tmp_path: Path) -> None:
    listings, events = a_log(slates=8)
    later = an_event(listings[0], "click", at=(SERVED + timedelta(minutes=9)).isoformat())
    report = taken(tmp_path, listings, [later, *events])
    assert report.aside["events"] == {"duplicate_event": 1}
    (log,) = imported_logs(tmp_path / "store")
    clicks = [row["at"] for row in read_rows(log, "events") if row["kind"] == "click"]
    assert set(clicks) == {SERVED + timedelta(minutes=1)}


def test_a_click_without_an_impression_is_set_aside_where_impressions_are_told(
    tmp_path: Path,
) -> None:
    listings, events = a_log(slates=10)
    silent = UUID(listings[-1]["slate_id"])
    events = [e for e in events if e["slate_id"] != str(silent) or e["kind"] != "impression"]
    unseen = [a_row(UUID(listings[0]["slate_id"]), 5)]
    clicked = an_event(unseen[0], "click")
    report = taken(tmp_path, listings + unseen, [*events, clicked])
    # The page that tells none was read without a script: its click is as good as any.
    assert report.aside["events"] == {"click_or_request_without_impression": 1}
    assert report.kept["listings"] == 41


def test_outcomes_of_all_kinds_are_kept(tmp_path: Path) -> None:
    listings, _ = a_log(slates=2)
    report = taken(tmp_path, listings, [an_event(listings[0], kind) for kind in KINDS])
    assert report.kept["events"] == len(KINDS) == 12


def test_a_log_that_is_mostly_wrong_is_refused_with_its_counts(tmp_path: Path) -> None:
    listings, events = a_log(slates=4)
    spoiled = [{**row, "propensity": 0.0} for row in listings[:4]]
    report = taken(tmp_path, spoiled + listings[4:], events)
    assert report.refused == (
        "too_much_set_aside: 4 of 16 listings do not fit together (4 propensity_out_of_range)",
        "too_much_set_aside: 5 of 20 events do not fit together (5 event_of_a_listing_not_served)",
    )
    assert report.kept == {"listings": 0, "events": 0}
    assert imported_logs(tmp_path / "store") == []


@pytest.mark.parametrize("change", [{"catalog_version": "c2"}, {"features": "other"}])
def test_a_log_of_which_nothing_is_left_is_refused(tmp_path: Path, change: Row) -> None:
    listings, events = a_log()
    report = taken(tmp_path, [{**row, **change} for row in listings], events)
    (line,) = report.refused
    assert line.startswith("nothing_left: no listing can be used (20 ")
    assert list((tmp_path / "store" / "log").iterdir()) == []


def test_an_empty_log_is_refused(tmp_path: Path) -> None:
    report = taken(tmp_path, [], [])
    assert report.refused == ("nothing_left: no listing can be used (there are none)",)


@pytest.mark.parametrize("parquet", [False, True])
@pytest.mark.parametrize("column", ["propensity", "slate_id", "codes"])
def test_a_missing_column_is_refused_by_its_name(
    tmp_path: Path, column: str, *, parquet: bool
) -> None:
    listings, events = a_log()
    folder = write_folder(
        tmp_path / "folder",
        [{name: value for name, value in row.items() if name != column} for row in listings],
        events,
    )
    path = folder / "listings" / "part-00000.ndjson"
    if parquet:
        as_parquet(
            path, {each.name: each.type for each in TABLES["listings"] if each.name != column}
        )
        types = {each.name: each.type for each in TABLES["events"]}
        as_parquet(folder / "events" / path.name, types)
        mend_manifest(folder, "parquet")
    report = take(tmp_path, folder)
    ending = "parquet" if parquet else "ndjson"
    assert report.refused == (f"column_missing: listings/part-00000.{ending} has no {column}",)


def test_a_column_of_another_type_is_refused_by_its_name(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", *a_log(), parquet=True)
    path = folder / "listings" / "part-00000.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in a_log()[0]))
    types = {each.name: each.type for each in TABLES["listings"]}
    as_parquet(path, {**types, "position": "VARCHAR"})
    mend_manifest(folder, "parquet")
    assert take(tmp_path, folder).refused == (
        "column_of_another_type: position of listings/part-00000.parquet is VARCHAR, not INTEGER",
    )


def test_a_value_that_is_no_value_of_its_column_is_refused_in_one_line(tmp_path: Path) -> None:
    listings, events = a_log()
    listings[3]["position"] = "third"
    (line,) = taken(tmp_path, listings, events).refused
    assert line.startswith("file_unreadable: ")
    assert "\n" not in line


@pytest.mark.parametrize(
    ("name", "content"),
    [
        # Only reading every row shows that half of a pair is missing.
        ("listings/part-00000.ndjson", None),
        ("listings/part-00000.ndjson", "[" * 100_000),
        ("manifest.json", "[" * 100_000),
    ],
)
def test_json_that_python_or_duckdb_cannot_read_is_refused(
    tmp_path: Path, name: str, content: str | None
) -> None:
    listings, events = a_log()
    listings[3]["program_id"] = "\ud800"
    folder = write_folder(tmp_path / "folder", listings, events)
    if content is not None:
        (folder / name).write_text(content)
    if name != "manifest.json":
        mend_manifest(folder, "ndjson")
    (line,) = take(tmp_path, folder).refused
    assert line.startswith(("file_unreadable: ", "unknown_form: "))
    assert imported_logs(tmp_path / "store") == []


def mend_manifest(folder: Path, form: str) -> None:
    """Let the manifest name the files that are there."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["format"] = form
    manifest["files"] = [
        {"path": f"{path.parent.name}/{path.name}", "sha256": sha(path)}
        for path in sorted(folder.glob(f"*/*.{form}"))
    ]
    (folder / "manifest.json").write_text(json.dumps(manifest))


def spoil_manifest(folder: Path, **changes: Any) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"form": "another"}, "unknown_form"),
        ({"version": 2}, "unknown_form"),
        ({"format": "xlsx"}, "unknown_form"),
        ({"files": None}, "unknown_form"),
        ({"files": [{"path": "../../etc/passwd", "sha256": ""}]}, "unknown_form"),
        ({"files": [{"path": "listings/x.ndjson"}]}, "unknown_form"),
        ({"files": []}, "file_missing"),
        ({"files": [{"path": "listings/x.ndjson", "sha256": ""}]}, "file_missing"),
    ],
)
def test_a_manifest_that_says_otherwise_is_refused(
    tmp_path: Path, changes: Row, reason: str
) -> None:
    folder = write_folder(tmp_path / "folder", *a_log())
    spoil_manifest(folder, **changes)
    assert {line.partition(":")[0] for line in take(tmp_path, folder).refused} == {reason}


def test_files_that_are_gone_touched_or_no_files_are_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", *a_log())
    events = folder / "events" / "part-00000.ndjson"
    events.write_bytes(events.read_bytes() + b"\n")
    (line,) = take(tmp_path, folder).refused
    assert line == "file_changed: events/part-00000.ndjson is not what the manifest says"
    events.unlink()
    assert take(tmp_path, folder).refused == ("file_missing: events/part-00000.ndjson",)
    (folder / "manifest.json").write_text("{")
    assert take(tmp_path, folder).refused == ("unknown_form: manifest.json is not JSON",)
    (folder / "manifest.json").unlink()
    assert take(tmp_path, folder).refused == ("file_missing: folder has no manifest.json",)


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", *a_log(), parquet=True)
    (folder / "listings" / "part-00000.parquet").write_bytes(b"PAR1 nothing")
    mend_manifest(folder, "parquet")
    (line,) = take(tmp_path, folder).refused
    assert line.startswith("file_unreadable: listings/part-00000.parquet: ")


def test_checking_keeps_nothing(tmp_path: Path) -> None:
    report = take(tmp_path, write_folder(tmp_path / "folder", *a_log()), only_check=True)
    assert report.kept["listings"] == 20
    assert imported_logs(tmp_path / "store") == []
    assert list((tmp_path / "store" / "log").iterdir()) == []


def test_the_same_log_is_imported_once_until_it_is_removed(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "folder", *a_log())
    report = take(tmp_path, folder)
    with pytest.raises(LogFilesError, match=report.id):
        take(tmp_path, folder)
    assert remove_imported(tmp_path / "store", report.id)["imported"]["origin"] == "partner-1"
    with pytest.raises(LogFilesError, match="no imported log"):
        remove_imported(tmp_path / "store", report.id)
    assert take(tmp_path, folder).id == report.id


@pytest.mark.parametrize("origin", ["", "Partner", "../x", "a" * 65, "-a", "a b"])
def test_an_origin_is_a_short_plain_name(tmp_path: Path, origin: str) -> None:
    with pytest.raises(LogFilesError, match="origin"):
        take(tmp_path, tmp_path, origin=origin)
