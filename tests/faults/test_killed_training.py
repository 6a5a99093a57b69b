"""Training workers as they really run: two of them, one killed in a fit, one told to stop."""

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine

from commands.doors import Door
from commands.simulate import make_simulation
from config.broker import make_celery, publish_nudge
from config.queues import TRAINING_QUEUE, TRAINING_TASK
from matcher.registry import open_ranker
from models.db.crypto import Keyring
from models.domain.clock import SystemClock
from models.domain.organization import Actor, ActorKind
from models.domain.training import RunState, Step, TrainingRun, Wishes, new_run
from tests.support.catalogs import write_catalog
from tests.support.installation import eventually
from tests.support.keys import RANKER_KEY
from tests.support.stores import prior_ranker
from tests.support.worker_process import celery_worker
from tests.support.world import Store, World, make_settings, make_world

pytestmark = pytest.mark.slow
SEARCHES = 700
LONG = 120.0
Ask = Callable[[], TrainingRun]


@pytest.fixture
def world(engine: Engine, keyring: Keyring, database_url: str, tmp_path: Path) -> World:
    """A service on an invented catalog, to whom enough students came."""
    catalog, ranker = write_catalog(tmp_path), open_ranker(prior_ranker(tmp_path), RANKER_KEY)
    settings = make_settings(tmp_path, database_url, "redis://127.0.0.1:1/0")
    store = Store(tmp_path, catalog.name, ranker.version)
    world = make_world(engine, keyring, settings, store)
    for unitid in range(100_000, 100_060, 6):
        world.takes_requests(unitid)
    door = Door(settings, engine, keyring, world.work, SystemClock())
    make_simulation(door, seed=4).run(SEARCHES, lambda _: None)
    return world


@pytest.fixture
def ask(world: World, redis_url: str) -> Ask:
    """Ask for a run, as console and command line do."""

    def asked() -> TrainingRun:
        now = SystemClock().now()
        run = new_run(now, Actor(ActorKind.COMMAND, "test"), "", Wishes(request_gain=2.0))
        with world.work() as work:
            work.training_runs.ask(run)
        for _ in range(4):
            publish_nudge(make_celery(redis_url), TRAINING_TASK, TRAINING_QUEUE)
        return run

    return asked


def newest(world: World) -> TrainingRun:
    with world.work() as work:
        return work.training_runs.listed(1)[0]


def fitting(world: World) -> bool:
    found = newest(world)
    assert found.failure is None, found.failure
    return found.step == Step.FITTING


def ended(world: World) -> TrainingRun | None:
    found = newest(world)
    return None if found.is_open else found


def children(worker: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    found: list[psutil.Process] = psutil.Process(worker.pid).children()
    return found


def test_two_workers_train_one_ranker_and_a_killed_fit_begins_anew(
    world: World, ask: Ask, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    folders = [tmp_path / "logs-1", tmp_path / "logs-2"]
    for folder in folders:
        folder.mkdir()
    with (
        celery_worker(database_url, redis_url, tmp_path, "training", folders[0]) as one,
        celery_worker(database_url, redis_url, tmp_path, "training", folders[1]) as other,
    ):
        ask()
        eventually(lambda: fitting(world), LONG)
        assert newest(world).attempts == 1
        # Whoever fits is killed as the kernel would, out of memory: the child, and no word of it.
        for child in children(one) + children(other):
            child.kill()
        found = eventually(lambda: ended(world), LONG)
        assert (found.state, found.attempts, found.failure) == (RunState.DONE, 2, None)
        said = "".join(p.read_text() for folder in folders for p in folder.iterdir())
        assert said.count('"training_begins"') == 2
        assert said.count('"training_done"') == 1
    with world.work() as work:
        assert found.version in {ranker.version for ranker in work.publications.rankers()}


def test_a_worker_told_to_stop_puts_its_run_back_and_the_next_ends_it(
    world: World, ask: Ask, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    ask()
    with celery_worker(database_url, redis_url, tmp_path, "training") as worker:
        eventually(lambda: fitting(world), LONG)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(60) == 0
    put_back = newest(world)
    assert (put_back.state, put_back.attempts) == (RunState.WAITING, 0)
    publish_nudge(make_celery(redis_url), TRAINING_TASK, TRAINING_QUEUE)
    with celery_worker(database_url, redis_url, tmp_path, "training"):
        found = eventually(lambda: ended(world), LONG)
    assert (found.state, found.attempts) == (RunState.DONE, 1)
