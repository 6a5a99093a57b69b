"""Training runs on a real database: one at a time, whoever dies, stops or is cancelled."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, text

from models.db.training_turn import training_turn
from models.domain.clock import FixedClock, SystemClock
from models.domain.errors import SchoolmatchError, TransitionError
from models.domain.organization import Actor, ActorKind
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from models.domain.training import (
    MOST_ATTEMPTS,
    OpenRunError,
    RunState,
    Step,
    TrainingRun,
    Wishes,
    new_run,
)
from service.steps.staff_training import cancel_training
from tests.support.installation import eventually
from workers.training.turn import Workshop, look, train_here

NOBODY = Actor(ActorKind.COMMAND, "test")
Tell = Callable[[Step], None]
Train = Callable[[TrainingRun, Tell], str]


@dataclass
class Bench:
    """A workshop whose training a test writes, and what it made known."""

    engine: Engine
    unit_of_work: UnitOfWorkFactory
    kept: list[str] = field(default_factory=list)

    def shop(self, train: Train, **others: object) -> Workshop:
        shop = Workshop(
            self.unit_of_work,
            partial(training_turn, self.engine),
            SystemClock(),
            train,
            self._keep,
        )
        return replace(shop, **others)  # type: ignore[arg-type]

    def ask(self) -> TrainingRun:
        run = new_run(SystemClock().now(), NOBODY, "a test", Wishes(seed=7))
        with self.unit_of_work() as work:
            work.training_runs.ask(run)
        return run

    def run(self) -> TrainingRun:
        with self.unit_of_work() as work:
            return work.training_runs.listed(1)[0]

    def _keep(self, _work: UnitOfWork, version: str) -> None:
        self.kept.append(version)


@pytest.fixture
def bench(engine: Engine, unit_of_work: UnitOfWorkFactory) -> Bench:
    return Bench(engine, unit_of_work)


def quick(_run: TrainingRun, tell: Tell) -> str:
    for step in Step:
        tell(step)
    return "made"


@contextmanager
def training_elsewhere(bench: Bench) -> Iterator[list[TrainingRun | None]]:
    """Another worker, in the middle of a fit until the block ends."""
    inside, finish = threading.Event(), threading.Event()
    ended: list[TrainingRun | None] = []

    def train(_run: TrainingRun, tell: Tell) -> str:
        tell(Step.FITTING)
        inside.set()
        assert finish.wait(30)
        return "elsewhere"

    worker = threading.Thread(target=lambda: ended.append(look(bench.shop(train))))
    worker.start()
    assert inside.wait(30)
    with ExitStack() as stack:
        stack.callback(worker.join)
        stack.callback(finish.set)
        yield ended


def test_a_run_says_who_asked_how_far_it_is_and_what_came_of_it(bench: Bench) -> None:
    asked = bench.ask()
    seen = []

    def train(run: TrainingRun, tell: Tell) -> str:
        assert run.wishes.seed == 7
        for step in Step:
            tell(step)
            now = bench.run()
            seen.append((now.state, now.step, len(now.left)))
        return "made"

    ended = look(bench.shop(train))
    assert seen == [(RunState.RUNNING, step, 5 - at) for at, step in enumerate(Step)]
    assert ended == replace(bench.run(), seen_at=ended.seen_at if ended else None)
    kept = bench.run()
    assert (kept.id, kept.state, kept.version, kept.attempts) == (asked.id, "done", "made", 1)
    assert (kept.asked_by, kept.reason, kept.left) == ("command test", "a test", ())
    assert [step for step, _ in kept.took] == list(Step)
    assert bench.kept == ["made"]
    assert look(bench.shop(quick)) is None


def test_two_at_once_are_impossible(bench: Bench) -> None:
    bench.ask()
    with training_elsewhere(bench) as ended:
        assert look(bench.shop(quick)) is None
        with pytest.raises(OpenRunError):
            bench.ask()
        with pytest.raises(OpenRunError):
            train_here(bench.shop(quick), Wishes(), NOBODY, "")
        assert bench.run().state == RunState.RUNNING
    assert [run.version for run in ended if run] == ["elsewhere"]
    assert (bench.run().attempts, bench.kept) == (1, ["elsewhere"])


def test_what_a_dead_worker_left_begins_anew_and_a_ghost_keeps_nothing(bench: Bench) -> None:
    """The turn ends with the connection that holds it: as when its process is killed."""
    bench.ask()
    with training_elsewhere(bench) as ghost:
        with bench.engine.begin() as connection:
            held = text(
                "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_database d "
                "ON d.oid = l.database WHERE l.locktype = 'advisory' AND d.datname = "
                "current_database() AND l.pid <> pg_backend_pid()"
            )
            assert connection.execute(held).all() == [(True,)]
        again = eventually(lambda: look(bench.shop(quick)))
        assert (again.state, again.version, again.attempts) == ("done", "made", 2)
    assert [run.version for run in ghost if run] == [None]
    assert (bench.run().version, bench.kept) == ("made", ["made"])


def test_who_was_taken_for_dead_writes_nothing_while_another_trains(bench: Bench) -> None:
    asked, now = bench.ask(), SystemClock().now()
    with bench.unit_of_work() as work:
        first = asked.taken(now)
        work.training_runs.save(asked, first)
        second = first.taken(now)
        work.training_runs.save(first, second)
    assert (first.state, second.state) == (RunState.RUNNING, RunState.RUNNING)
    with bench.unit_of_work() as work, pytest.raises(TransitionError):
        work.training_runs.save(first, first.finished(RunState.DONE, now, version="ghost's"))
    assert (bench.run().attempts, bench.run().version) == (2, None)


def long_fit(_run: TrainingRun, tell: Tell) -> str:
    tell(Step.FITTING)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        time.sleep(0.01)
    raise AssertionError("nobody interrupted the fit")


def test_a_run_that_is_cancelled_ends_in_the_middle_of_a_fit(bench: Bench) -> None:
    asked = bench.ask()

    def cancel() -> None:
        eventually(lambda: bench.run().step == Step.FITTING)
        with bench.unit_of_work() as work:
            cancel_training(work, asked.id, NOBODY, "no more", SystemClock().now())

    canceller = threading.Thread(target=cancel)
    canceller.start()
    ended = look(bench.shop(long_fit))
    canceller.join()
    assert ended is not None
    assert ended.state == bench.run().state == RunState.CANCELLED
    assert bench.kept == []
    assert look(bench.shop(quick)) is None


def test_a_run_that_waits_is_cancelled_at_once(bench: Bench) -> None:
    asked = bench.ask()
    with bench.unit_of_work() as work:
        cancel_training(work, asked.id, NOBODY, "", SystemClock().now())
    assert bench.run().state == RunState.CANCELLED
    with bench.unit_of_work() as work, pytest.raises(SchoolmatchError, match="ended"):
        cancel_training(work, asked.id, NOBODY, "", SystemClock().now())


def test_a_worker_that_is_told_to_stop_puts_its_run_back(bench: Bench) -> None:
    bench.ask()
    ended = look(bench.shop(long_fit, stopping=lambda: True))
    assert ended is not None
    assert (ended.state, ended.attempts) == (RunState.WAITING, 0)
    assert bench.run().state == RunState.WAITING
    again = look(bench.shop(quick))
    assert again is not None
    assert again.version == "made"


def test_a_run_that_takes_too_long_fails(bench: Bench) -> None:
    bench.ask()
    ended = look(bench.shop(long_fit, longest=timedelta(0)))
    assert ended is not None
    assert (ended.state, ended.failure) == ("failed", "It took longer than a run may.")


def test_a_run_that_ends_its_worker_each_time_is_given_up(bench: Bench) -> None:
    """Attempts are counted in the database, or a poisoned task would loop for ever."""
    asked = bench.ask()
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with bench.unit_of_work() as work:
            run = work.training_runs.get(asked.id)
            work.training_runs.save(run, run.taken(SystemClock().now()))
        assert bench.run().attempts == attempt
    assert look(bench.shop(quick)) is None
    given_up = bench.run()
    assert given_up.state == RunState.FAILED
    assert given_up.failure is not None
    assert "ended its worker" in given_up.failure


def test_what_may_pass_is_tried_again_and_what_cannot_is_not(bench: Bench) -> None:
    tries = 0

    def fails(_run: TrainingRun, _tell: Tell) -> str:
        nonlocal tries
        tries += 1
        raise RuntimeError("a disk is full")

    bench.ask()
    while look(bench.shop(fails)) is not None:
        pass
    assert (tries, bench.run().state) == (MOST_ATTEMPTS, RunState.FAILED)
    assert bench.run().failure == "RuntimeError: a disk is full"

    def too_small(_run: TrainingRun, _tell: Tell) -> str:
        raise SchoolmatchError("The log is too small.")

    bench.ask()
    ended = look(bench.shop(too_small))
    assert ended is not None
    assert (ended.state, ended.attempts, ended.failure) == ("failed", 1, "The log is too small.")
    here = train_here(bench.shop(fails), Wishes(), NOBODY, "")
    assert (here.state, here.attempts) == (RunState.FAILED, 1)


def test_the_schedule_asks_when_a_run_is_due(bench: Bench) -> None:
    day = timedelta(hours=24)
    now = SystemClock().now()
    assert look(bench.shop(quick), day) is None
    with bench.unit_of_work() as work:
        work.publications.add_ranker("first", "prior", {}, now)
        work.publications.publish("ranker", "first", "test", "", now)
    assert look(bench.shop(quick), day) is None
    later = FixedClock(now + day)
    assert look(bench.shop(quick, clock=later)) is None
    ended = look(bench.shop(quick, clock=later), day)
    assert ended is not None
    assert (ended.asked_by, ended.version) == ("system schedule", "made")
    assert look(bench.shop(quick, clock=later), day) is None
