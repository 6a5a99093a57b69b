"""The loop by command line: simulate, train, promote, serve, roll back."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typing_extensions import override

from commands.doors import Door
from commands.simulate import make_simulation
from commands.simulated_traffic import BATCH, Tally
from matcher.registry import open_ranker
from models.db.crypto import Keyring
from models.domain.clock import SystemClock
from tests.support.catalogs import write_catalog
from tests.support.commands import Command
from tests.support.keys import RANKER_KEY
from tests.support.stores import prior_ranker
from tests.support.world import Store, World, make_settings, make_world

SIMULATED = "learned from simulated visitors"
SEARCHES = 700
FORM = {"education_level": "high_school", "postal_code": "10940", "field": "51.38"}
Run = Callable[..., Any]


@pytest.fixture
def world(engine: Engine, keyring: Keyring, database_url: str, tmp_path: Path) -> World:
    """A service on an invented catalog and the prior; a third of its schools take requests."""
    catalog, ranker = write_catalog(tmp_path), open_ranker(prior_ranker(tmp_path), RANKER_KEY)
    store = Store(tmp_path, catalog.name, ranker.version)
    settings = make_settings(tmp_path, database_url, "redis://127.0.0.1:1/0")
    world = make_world(engine, keyring, settings, store)
    for unitid in range(100_000, 100_060, 6):
        world.takes_requests(unitid)
    return world


@pytest.fixture
def run(command: Command) -> Run:
    def run(*words: str) -> Any:
        result = command(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


def served(world: World) -> str:
    world.serving.poll()
    found = world.client.post("/api/v1/matches", json=FORM)
    assert found.status_code == 200, found.text
    return str(found.json["ranker_version"])


def says_simulated(world: World) -> list[bool]:
    """Whether each page, and the API's answer, says who the order was learned from."""
    world.serving.poll()
    query = "&".join(f"{name}={value}" for name, value in FORM.items())
    pages = [world.client.get(path).text for path in ("/", f"/results?{query}", "/how-we-rank")]
    answer = world.client.post("/api/v1/matches", json=FORM).json
    codes = [note["code"] for note in answer["demonstration_notes"]]
    assert answer["demonstration"] == bool(codes)
    return [*(SIMULATED in page for page in pages), "simulated_ranker" in codes]


@pytest.mark.slow
def test_simulate_train_promote_serve_and_roll_back(
    world: World, run: Run, command: Command
) -> None:
    """Invariant 14, and 10's way back: what serves changes only by promote and rollback."""
    prior = served(world)
    assert says_simulated(world) == [False] * 4

    made = run("simulate", "--searches", str(SEARCHES), "--seed", "4")
    assert (made["searches"], made["simulated"]) == (SEARCHES, True)
    assert made["clicks"] > made["requests"] > 0
    assert served(world) == prior

    trained = run("ranker", "train", "--gains", "1", "2")
    assert (trained["provenance"], trained["champion"]) == ("simulated", False)
    # The few searches asked above are real, one simulated one would be enough.
    assert 0.9 * SEARCHES < trained["counts"]["simulated_searches"] <= SEARCHES
    orders = {"new", "served", "champion", "random", "popularity", "nearest", "prior"}
    assert set(trained["metrics"]["orders"]) == orders | {"single_feature"}
    assert run("ranker", "train", "--gains", "1", "2")["version"] == trained["version"]
    assert served(world) == prior
    assert says_simulated(world) == [False] * 4
    listed = {row["version"]: row for row in run("ranker", "list")}
    assert listed[trained["version"]]["provenance"] == "simulated"
    assert [v for v, row in listed.items() if row["champion"]] == [prior]

    assert command("ranker", "canary", trained["version"]).exit_code == 1
    assert run("ranker", "shadow", trained["version"])["stage"] == "shadow"
    assert {served(world) for _ in range(30)} == {prior}
    assert says_simulated(world) == [False] * 4
    assert run("ranker", "canary", trained["version"], "--share", "50")["share"] == 50
    # One search in two is the canary's: none of 60 would be a chance of 1 in 10 to the 18.
    assert {served(world) for _ in range(60)} == {prior, trained["version"]}
    world.serving.poll()
    assert SIMULATED in world.client.get("/how-we-rank").text
    assert run("ranker", "stop")["version"] == trained["version"]
    assert {served(world) for _ in range(30)} == {prior}
    assert command("ranker", "stop").exit_code == 1

    promoted = run("ranker", "promote", trained["version"], "--reason", "a test")
    assert promoted["before"] == prior
    assert served(world) == trained["version"] != prior
    assert says_simulated(world) == [True] * 4

    assert run("ranker", "rollback")["version"] == prior
    assert served(world) == prior
    assert says_simulated(world) == [False] * 4


def test_simulated_students_are_marked_and_nobody_is_made_of_them(world: World, run: Run) -> None:
    """Invariant 11: no personal data, no lead, no person, no delivery."""
    served(world)
    real = world.client.post("/api/v1/matches", json=FORM)
    assert real.status_code == 200
    before = world.count("search")
    made = run("simulate", "--searches", "150")
    marks = dict(world.rows("SELECT simulated, count(*) FROM search GROUP BY 1"))
    assert marks == {False: before, True: 150}
    for table in ("request", "lead", "person_key", "consent", "delivery", "message"):
        assert world.count(table) == 0, table
    told = dict(world.rows("SELECT kind, count(*) FROM event GROUP BY 1"))
    assert told["impression"] == made["impressions"]
    assert told["click"] == made["clicks"]
    # What serving writes is what simulating writes: pages with codes, versions and propensities.
    (listing,) = world.rows(
        "SELECT listings -> 0 FROM slate_page p JOIN search s ON s.created_at = p.created_at "
        "WHERE s.simulated AND jsonb_array_length(listings) > 0 LIMIT 1"
    )
    assert {"codes", "propensity", "request", "score", "organic_position"} <= set(listing[0])


class StoppingClock(SystemClock):
    """Somebody presses Ctrl-C when it is asked the time once too often."""

    def __init__(self, after: int) -> None:
        self._left = after

    @override
    def now(self) -> datetime:
        self._left -= 1
        if not self._left:
            raise KeyboardInterrupt
        return super().now()


def test_a_run_that_is_interrupted_leaves_whole_visits(world: World) -> None:
    door = Door(world.settings, world.engine, world.keyring, world.work, StoppingClock(300))
    told: list[Tally] = []
    with pytest.raises(KeyboardInterrupt):
        make_simulation(door, seed=1).run(10 * BATCH, lambda tally: told.append(replace(tally)))
    assert told[-1].searches == BATCH * len(told) == world.count("slate") > 0
    assert world.count("slate_page") >= world.count("search") == world.count("slate")
    clicks = world.rows("SELECT count(*) FROM event WHERE kind = 'click'")
    assert clicks[0][0] == told[-1].clicks > 0


@pytest.mark.slow
def test_production_neither_simulates_nor_serves_what_was_simulated(
    world: World, run: Run, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("simulate", "--searches", "450")
    version = run("ranker", "train")["version"]
    prior = served(world)
    for name, value in {
        "ENVIRONMENT": "production",
        "ALLOW_LOOPBACK": "false",
        "DESTINATION_PORTS": "443",
    }.items():
        monkeypatch.setenv(name, value)
    refused = command("ranker", "promote", version, "--reason", "a test")
    assert refused.exit_code == 1
    assert "learned from simulated visitors" in refused.output
    assert command("simulate", "--searches", "1").exit_code == 1
    assert served(world) == prior
    # Nothing real is there to learn from, however much was simulated.
    only_real = command("ranker", "train", "--real-only")
    assert only_real.exit_code == 1
    assert "too small" in only_real.output or "nothing to learn from" in only_real.output


@pytest.mark.usefixtures("world")
def test_an_empty_log_is_said_plainly(command: Command) -> None:
    refused = command("ranker", "train")
    assert refused.exit_code == 1
    assert "Nobody has searched yet" in refused.output
