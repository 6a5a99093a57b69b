"""Asking for a training run, and taking it back: from the console and from the command line."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.domain.errors import ConflictError
from models.domain.ids import Prefix, show
from models.domain.organization import Actor
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import Staff
from models.domain.training import (
    RunState,
    TrainingRun,
    Wishes,
    new_run,
    seconds_left,
)
from service.said import say
from service.services import Services
from service.steps.staff_doors import staff_actor
from service.steps.staff_operating import checked_reason

MOST_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Training:
    """The runs, newest first; the open one among them; how long that will still take, if known."""

    runs: tuple[TrainingRun, ...]
    open: TrainingRun | None
    seconds_left: float | None
    silent: bool
    people: dict[str, str]


def training(work: UnitOfWork, now: datetime) -> Training:
    """Read the runs."""
    found = work.training_runs.open()
    left = None if found is None else seconds_left(found, work.training_runs.last_done(), now)
    people = {f"staff {show(Prefix.STAFF, one.id)}": one.email for one in work.staff.all()}
    silent = found is not None and found.silent(now)
    return Training(work.training_runs.listed(MOST_SHOWN), found, left, silent, people)


def ask_training(
    work: UnitOfWork, wishes: Wishes, actor: Actor, reason: str, now: datetime
) -> TrainingRun:
    """Keep a run that waits for the training worker; whoever asks sends the hint after.

    Raises:
        OpenRunError: when one waits or runs already.
    """
    run = new_run(now, actor, reason, wishes)
    work.training_runs.ask(run)
    detail = {"reason": reason, **wishes.document()}
    work.organizations.record_audit(
        actor, "training.ask", show(Prefix.TRAINING_RUN, run.id), detail, now
    )
    return run


def cancel_training(
    work: UnitOfWork, run_id: UUID, actor: Actor, reason: str, now: datetime
) -> None:
    """End a run: at once where nobody trains, else as soon as who trains hears of it.

    Raises:
        NotFoundError: when there is none.
        ConflictError: when it has ended.
    """
    run = work.training_runs.get(run_id)
    if not run.is_open:
        raise ConflictError(say("training_ended"))
    if run.state is RunState.WAITING or run.silent(now):
        work.training_runs.save(run, run.finished(RunState.CANCELLED, now))
    else:
        work.training_runs.ask_to_cancel(run_id)
    work.organizations.record_audit(
        actor, "training.cancel", show(Prefix.TRAINING_RUN, run_id), {"reason": reason}, now
    )


def ask_from_console(services: Services, staff: Staff, wishes: Wishes, reason: str) -> None:
    """Ask for a run, and tell the worker to look.

    Raises:
        InvalidInputError: when no reason is given.
        OpenRunError: when one waits or runs already.
    """
    plain = checked_reason(reason)
    with services.unit_of_work() as work:
        if work.training_runs.open() is not None:
            raise ConflictError(say("training_open"))
        ask_training(work, wishes, staff_actor(staff), plain, services.clock.now())
    services.nudge_training()


def cancel_from_console(services: Services, staff: Staff, run_id: UUID, reason: str) -> None:
    """End a run.

    Raises:
        InvalidInputError: when no reason is given.
        ConflictError: when it has ended.
    """
    plain = checked_reason(reason)
    with services.unit_of_work() as work:
        cancel_training(work, run_id, staff_actor(staff), plain, services.clock.now())
