"""A day of the loop by command line: from simulated students to an alarm, and back."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from matcher.registry import open_ranker
from models.db.training_turn import training_turn
from models.domain.clock import SystemClock
from tests.support.catalogs import write_catalog
from tests.support.commands import Command
from tests.support.keys import RANKER_KEY, RANKER_SEED
from tests.support.stores import prior_ranker
from tests.support.world import Store, World, make_settings, make_world
from workers.training.retrain import Retraining
from workers.training.turn import look

SEARCHES = 900
HIGH_SCHOOL = {"education_level": "high_school", "postal_code": "10940", "field": "51.38"}
# Others come than those whom the ranker learned from.
NEWCOMERS = {"education_level": "doctorate", "region": "AK", "format": "online"}
Run = Callable[..., Any]


@pytest.fixture
def world(engine: Any, keyring: Any, database_url: str, tmp_path: Any) -> World:
    """A service on an invented catalog and the prior; a third of its schools take requests."""
    catalog, ranker = write_catalog(tmp_path), open_ranker(prior_ranker(tmp_path), RANKER_KEY)
    settings = make_settings(tmp_path, database_url, "redis://127.0.0.1:1/0")
    world = make_world(engine, keyring, settings, Store(tmp_path, catalog.name, ranker.version))
    for unitid in range(100_000, 100_060, 6):
        world.takes_requests(unitid)
    return world


@pytest.fixture
def run(command: Command) -> Run:
    def run(*words: str, status: int = 0) -> Any:
        result = command(*words, "--json")
        assert result.exit_code == status, result.output
        return json.loads(result.stdout)

    return run


def train_in_worker(world: World) -> None:
    """What the training worker does when it looks."""
    made = Retraining(world.settings.store, RANKER_SEED, world.work, SystemClock())
    look(made.workshop(partial(training_turn, world.engine)))


def search(world: World, form: dict[str, str], times: int) -> set[str]:
    """Let students search; the rankers that drew their slates."""
    world.serving.poll()
    found = [world.client.post("/api/v1/matches", json=form) for _ in range(times)]
    return {answer.json["ranker_version"] for answer in found}


def alarms(world: World) -> set[str]:
    """What /metrics alarms of."""
    lines = world.client.get("/metrics").text.splitlines()
    told = [line for line in lines if line.startswith("schoolmatch_ranker_alarm{")]
    return {line.split('"')[1] for line in told if line.endswith(" 1.0")}


@pytest.mark.slow
def test_a_full_day_by_command_line(world: World, run: Run, command: Command) -> None:
    (prior,) = search(world, HIGH_SCHOOL, 1)
    run("simulate", "--searches", str(SEARCHES), "--seed", "4")

    asked = run("ranker", "train", "--in-worker", "--gains", "1", "2", "--reason", "the day's log")
    assert (asked["state"], len(asked["steps_left"])) == ("waiting", 5)
    refused = command("ranker", "train")
    assert (refused.exit_code, "trained already" in refused.output) == (1, True)
    train_in_worker(world)
    (done,) = run("ranker", "runs")
    assert (done["run"], done["state"]) == (asked["run"], "done")
    version = done["version"]

    card = run("ranker", "show", version)["card"]
    assert card["gate"]["passed"] is True
    assert run("ranker", "shadow", version)["stage"] == "shadow"
    assert search(world, HIGH_SCHOOL, 20) == {prior}
    run("ranker", "canary", version, "--share", "50")
    # None of 60 would be a chance of 1 in 10 to the 18.
    assert search(world, HIGH_SCHOOL, 60) == {prior, version}
    assert run("ranker", "promote", version, "--reason", "better")["before"] == prior
    assert search(world, HIGH_SCHOOL, 1) == {version}

    run("simulate", "--searches", "300", "--seed", "5")
    found = run("ranker", "watch")
    assert (found["version"], found["alarms"]) == (version, [])
    assert found["searches"] >= 300
    assert alarms(world) == set()

    search(world, NEWCOMERS, 300)
    found = run("ranker", "watch", status=1)
    assert "students" in found["alarms"]
    assert "students" in alarms(world)
    days = run("ranker", "traffic")
    assert {day["simulated"] for day in days} == {True, False}
    assert sum(day["searches"] for day in days if day["simulated"]) == SEARCHES + 300
    assert sum(day["organic"]["requests"] for day in days) > 0

    assert run("ranker", "rollback", "--reason", "others come now")["version"] == prior
    assert search(world, NEWCOMERS, 1) == {prior}
    assert run("ranker", "watch")["alarms"] == []
    assert alarms(world) == set()
