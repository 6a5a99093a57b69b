"""The log out of one installation and into another, by command line, from a real database."""

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, text

from matcher.learn.dataset import Dataset, Examples
from matcher.learn.dataset_build import Rules, build_dataset
from matcher.learn.dataset_parts import Desk
from matcher.learn.log_imported import imported_logs
from models.db.crypto import Keyring
from models.domain.clock import SystemClock
from models.domain.log_form import EVENTS, KINDS, LISTINGS
from tests.integration.commands.test_loop import FORM, Run, run, served, world
from tests.support.commands import Command
from tests.support.leads import STUDENT, Leads
from tests.support.log_folders import read_rows
from tests.support.world import World

__all__ = ["run", "world"]

LOG = ("search", "slate", "slate_page", "event")


@pytest.fixture
def explored(world: World, run: Run, monkeypatch: pytest.MonkeyPatch) -> World:
    """150 simulated searches, half of them explored."""
    monkeypatch.setenv("EXPLORE_SHARE", "50")
    run("simulate", "--searches", "150", "--seed", "3")
    return world


def empty(world: World) -> None:
    """Make the installation one in which nobody has searched."""
    with world.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(LOG)}"))


def examples(folder: Path, desk: Path) -> Dataset:
    return build_dataset([folder], Rules(SystemClock().now()), Desk(desk, threads=1))


def assert_same(one: Dataset, other: Dataset) -> None:
    assert len(one.examples) == len(other.examples) > 1000
    for each in fields(Examples):
        left, right = (getattr(dataset.examples, each.name) for dataset in (one, other))
        assert np.array_equal(left, right), each.name
    assert one.fingerprint == other.fingerprint
    assert (one.slates, one.moments, one.set_aside) == (other.slates, other.moments, {})


@pytest.mark.parametrize("form", ["parquet", "ndjson"])
def test_a_log_taken_into_an_empty_installation_teaches_the_same(
    explored: World, run: Run, command: Command, tmp_path: Path, form: str
) -> None:
    told = run("events", "export", str(tmp_path / "log"), "--format", form)
    whole = tmp_path / "log"
    if form == "ndjson":
        run("events", "export", str(tmp_path / "parquet"))
        whole = tmp_path / "parquet"
    assert (
        told["rows"]["listings"]
        == explored.rows("SELECT sum(jsonb_array_length(listings)) FROM slate_page")[0][0]
    )
    assert told["rows"]["events"] == explored.count("event")
    before = examples(whole, tmp_path / "desk-1")
    assert before.origins == {"": len(before.slates)}
    assert before.simulated == len(before.slates)

    # Into the one it came from nothing goes: it was served here.
    result = command("events", "import", str(tmp_path / "log"), "--origin", "us", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["refused"][0].startswith("nothing_left: ")
    empty(explored)
    checked = run("events", "import", str(tmp_path / "log"), "--origin", "them", "--check")
    assert run("events", "list") == []
    report = run("events", "import", str(tmp_path / "log"), "--origin", "them")
    assert report["kept"] == checked["kept"] == told["rows"]
    assert report["set_aside"] == {"listings": {}, "events": {}}
    (log,) = imported_logs(explored.settings.store)
    after = examples(log, tmp_path / "desk-2")
    assert after.origins == {"them": len(after.slates)}
    assert_same(before, after)
    (listed,) = run("events", "list")
    assert (listed["id"], listed["origin"]) == (report["id"], "them")
    assert run("events", "remove", report["id"])["removed"] == report["id"]
    assert imported_logs(explored.settings.store) == []
    actions = {row.action for row in explored.rows("SELECT action FROM audit")}
    assert {"log.export", "log.import", "log.remove"} <= actions


def test_what_was_explored_is_in_the_log_with_its_chances(
    explored: World, run: Run, tmp_path: Path
) -> None:
    run("events", "export", str(tmp_path / "log"))
    rows = read_rows(tmp_path / "log", "listings")
    assert list(rows[0]) == [column.name for column in LISTINGS]
    places = [(row["slate_id"], row["page"], row["position"]) for row in rows]
    assert places == sorted(set(places))
    assert {row["explore_share"] for row in rows} == {0.5}
    by_slate = {row["slate_id"]: row["explored"] for row in rows}
    assert len(by_slate) <= explored.count("slate")
    assert 50 < sum(by_slate.values()) < 100
    for row in rows:
        stays = row["organic_position"] == row["plain_position"]
        assert row["explored"] or stays
        given = (row["propensity"] - 0.5 * stays) / 0.5
        if row["organic_position"] > 20:
            assert row["propensity"] == 1
        else:
            assert -1e-12 <= given <= 1
            assert row["propensity"] > 0
    assert any(row["organic_position"] != row["plain_position"] for row in rows)
    happened = read_rows(tmp_path / "log", "events")
    assert list(happened[0]) == [column.name for column in EVENTS]
    assert {row["kind"] for row in happened} >= {"impression", "click"}


def test_windows_and_real_students_alone(explored: World, run: Run, tmp_path: Path) -> None:
    served(explored)
    explored.client.post("/api/v1/matches", json=FORM)
    real = run("events", "export", str(tmp_path / "real"), "--real-only")
    assert real["rows"]["listings"] > 0
    assert not any(row["simulated"] for row in read_rows(tmp_path / "real", "listings"))
    assert read_rows(tmp_path / "real", "events") == []
    later = run("events", "export", str(tmp_path / "later"), "--since", "2200-01-01")
    assert later["rows"] == {"listings": 0, "events": 0}
    earlier = run("events", "export", str(tmp_path / "earlier"), "--until", "2020-01-01")
    assert earlier["rows"] == {"listings": 0, "events": 0}
    until = run("events", "export", str(tmp_path / "all"), "--until", "2200-01-01")
    assert until["rows"]["events"] == explored.count("event")


def test_what_became_of_a_request_is_told_and_nothing_of_its_student(
    engine: Engine, keyring: Keyring, command: Command, tmp_path: Path
) -> None:
    """Invariant 11: outcomes by slate and place, with no word of anybody."""
    leads = Leads(engine, keyring)
    school = leads.school("https://school.example/hook")
    delivery = leads.delivery(school)
    leads.set(delivery, status="delivered", settled_at="2026-11-22T13:00:00Z")
    for verdict, status in (
        ("applied", "accepted"),
        ("applied", "enrolled"),
        ("refused", "duplicate"),
    ):
        leads.run(
            "INSERT INTO disposition (id, lead_id, organization_id, received_at, raw, verdict,"
            " status) SELECT gen_random_uuid(), id, organization_id, :at, '', :verdict, :status"
            " FROM lead",
            at="2026-12-01T08:00:00Z",
            verdict=verdict,
            status=status,
        )
    folder = tmp_path / "log"
    result = command("events", "export", str(folder), "--format", "ndjson", "--json")
    assert result.exit_code == 0, result.output
    lines = (folder / "events" / "part-00000.ndjson").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [(row["kind"], row["position"], row["at"]) for row in rows] == [
        ("accepted", 1, "2026-12-01 08:00:00+00"),
        ("delivered", 1, "2026-11-22 13:00:00+00"),
        ("enrolled", 1, "2026-12-01 08:00:00+00"),
        ("request", 1, "2026-11-22 12:00:00+00"),
    ]
    assert {row["kind"] for row in rows} <= set(KINDS)
    written = b"".join(path.read_bytes() for path in folder.rglob("*.*"))
    for word in (*map(str, STUDENT.values()), "10940", "Org ", "work"):
        assert word == "True" or word.encode() not in written, word


def test_nothing_that_a_student_typed_is_in_the_files(
    world: World, run: Run, tmp_path: Path
) -> None:
    """Invariant 11, and no postal code and no words either: codes alone."""
    served(world)
    typed = {"education_level": "high_school", "postal_code": "10940", "query": "zahnarzthelferin"}
    answer = world.client.post("/api/v1/matches", json={**typed, "query": "registered nurse"})
    assert answer.status_code == 200, answer.text
    run("events", "export", str(tmp_path / "log"), "--format", "ndjson")
    written = b"".join(path.read_bytes() for path in (tmp_path / "log").rglob("*.*"))
    assert b"prog_" in written
    for word in (b"10940", b"registered", b"nurse", b"high_school", b"US-NY", b"127.0.0.1"):
        assert word not in written


def test_what_cannot_be_done_is_said_in_a_line(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("mine")
    result = command("events", "export", str(tmp_path / "mine"))
    assert result.exit_code == 1
    assert "is there already" in result.output
    result = command("events", "import", str(tmp_path / "mine"), "--origin", "them")
    assert result.exit_code == 1
    assert "file_missing: mine has no manifest.json" in result.output
    assert "Nothing was imported." in result.output
    result = command("events", "import", str(tmp_path / "mine"), "--origin", "Them!")
    assert "cannot name an origin" in result.output
    result = command("events", "remove", "0123")
    assert "There is no imported log 0123" in result.output
    backwards = ("--since", "2026-02-01", "--until", "2026-01-01")
    result = command("events", "export", str(tmp_path / "log"), *backwards)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
