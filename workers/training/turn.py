"""One training run from the row that waits to the row that is done, whoever dies meanwhile.

A message, the clock and a command all come to ``look``: what to do is in the database, and whoever
has the turn does it. So a message that is lost, late or doubled changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from models.domain.clock import Clock
from models.domain.errors import SchoolmatchError, TransitionError
from models.domain.organization import Actor, ActorKind
from models.domain.ports.training import Alone
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from models.domain.training import (
    MOST_ATTEMPTS,
    OpenRunError,
    RunState,
    Step,
    TrainingRun,
    Wishes,
    is_due,
    new_run,
)
from workers.training.pulse import (
    CancelledError,
    Pulse,
    StoppedError,
    SupersededError,
    TooLongError,
)

LONGEST = timedelta(hours=2)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Workshop:
    """What training leans on.

    ``train`` makes a ranker, tells each step as it begins and returns the version; ``keep`` makes
    the version known, in the transaction that ends the run.
    """

    unit_of_work: UnitOfWorkFactory
    alone: Alone
    clock: Clock
    train: Callable[[TrainingRun, Callable[[Step], None]], str]
    keep: Callable[[UnitOfWork, str], None]
    stopping: Callable[[], bool] = field(default=lambda: False)
    longest: timedelta = LONGEST


def look(shop: Workshop, every: timedelta | None = None) -> TrainingRun | None:
    """Train what waits or was left by a dead worker; ask for a run where one is due.

    Args:
        shop: what training leans on.
        every: the time between two runs of the schedule; None: there is none.

    Returns:
        The run as it ended; None when there is nothing to do, or another trains.
    """
    with shop.alone() as alone:
        if not alone:
            return None
        with shop.unit_of_work() as work:
            _ask_if_due(work, shop.clock, every)
            run = _take(work, shop.clock)
        return None if run is None else _carry_out(shop, run)


def train_here(shop: Workshop, wishes: Wishes, actor: Actor, reason: str) -> TrainingRun:
    """Train in this process and wait for the end.

    Raises:
        OpenRunError: when a run waits or runs already.
    """
    with shop.alone() as alone:
        if not alone:
            with shop.unit_of_work() as work:
                raise OpenRunError(work.training_runs.open())
        with shop.unit_of_work() as work:
            work.training_runs.ask(new_run(shop.clock.now(), actor, reason, wishes))
            run = _take(work, shop.clock)
        assert run is not None  # noqa: S101 - it was asked for in this transaction
        # Whoever waits is told at once what went wrong: nothing is tried again behind their back.
        return _carry_out(shop, run, tries=1)


def _ask_if_due(work: UnitOfWork, clock: Clock, every: timedelta | None) -> None:
    newest = work.training_runs.listed(1)
    history = work.publications.history("ranker")
    last = newest[0].asked_at if newest else history[-1].at if history else None
    if work.training_runs.open() is None and is_due(last, every, clock.now()):
        actor = Actor(ActorKind.SYSTEM, "schedule")
        work.training_runs.ask(new_run(clock.now(), actor, "", Wishes()))


def _take(work: UnitOfWork, clock: Clock) -> TrainingRun | None:
    """Take what is open: whoever ran it is dead, or the turn would not be ours."""
    run, now = work.training_runs.open(), clock.now()
    if run is None:
        return None
    if run.cancel_asked:
        work.training_runs.save(run, run.finished(RunState.CANCELLED, now))
        return None
    if run.attempts >= MOST_ATTEMPTS:
        why = run.failure or "It ended its worker each time it was tried."
        work.training_runs.save(run, run.finished(RunState.FAILED, now, failure=why))
        _log.error("training_given_up", run=run.id.hex, attempts=run.attempts)
        return None
    taken = run.taken(now)
    work.training_runs.save(run, taken)
    return taken


def _carry_out(shop: Workshop, run: TrainingRun, tries: int = MOST_ATTEMPTS) -> TrainingRun:
    until = shop.clock.now() + shop.longest

    def told(now: datetime) -> SchoolmatchError | None:
        if shop.stopping():
            return StoppedError("The worker was told to stop.")
        return TooLongError("It took longer than a run may.") if now > until else None

    pulse = Pulse(run, shop.unit_of_work, shop.clock, told)
    _log.info("training_begins", run=run.id.hex, attempt=run.attempts)
    try:
        with pulse:
            version = shop.train(run, pulse.step)
            pulse.step(None)
    except BaseException as error:
        ended = _end(shop, pulse.run, error, tries)
        if isinstance(error, Exception):
            return ended
        raise
    done = pulse.run.finished(RunState.DONE, shop.clock.now(), version=version)
    try:
        with shop.unit_of_work() as work:
            # In one transaction: who was taken for dead makes nothing known.
            work.training_runs.save(pulse.run, done)
            shop.keep(work, version)
    except TransitionError:
        return pulse.run
    _log.info("training_done", run=run.id.hex, version=version)
    return done


def _end(shop: Workshop, run: TrainingRun, error: BaseException, tries: int) -> TrainingRun:
    """Write how a run ended that made no ranker; what passes by itself is tried again."""
    ended = _after(run, error, shop.clock.now(), tries)
    unforeseen = None if isinstance(error, SchoolmatchError) else error
    _log.warning("training_ended", run=run.id.hex, state=ended.state.value, exc_info=unforeseen)
    try:
        with shop.unit_of_work() as work:
            work.training_runs.save(run, ended)
    except TransitionError:
        return run
    return ended


def _after(run: TrainingRun, error: BaseException, now: datetime, tries: int) -> TrainingRun:
    if isinstance(error, SupersededError):
        return run
    if isinstance(error, StoppedError):
        return run.put_back(None)
    if isinstance(error, CancelledError | KeyboardInterrupt):
        return run.finished(RunState.CANCELLED, now)
    if isinstance(error, SchoolmatchError):
        return run.finished(RunState.FAILED, now, failure=str(error))
    why = f"{type(error).__name__}: {error}"
    if run.attempts < tries and isinstance(error, Exception):
        return run.put_back(why)
    return run.finished(RunState.FAILED, now, failure=why)
