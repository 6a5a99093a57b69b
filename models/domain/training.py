"""A training run: somebody asks for a ranker, a worker makes it, and the row says how far it is.

    waiting ── running ── done
       │  └───────┤├───── failed       (also when it ended its worker too often)
       └──────────┴────── cancelled

At most one run is open, waiting or running, at any time. ``attempts`` counts how often it was
begun, and is also the fence: whoever trains writes only while the row still has the number that
it began with, so that one who was taken for dead changes nothing any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.domain.errors import ConflictError, TransitionError
from models.domain.ids import new_id
from models.domain.matching import PAGE_SIZE
from models.domain.organization import Actor


class RunState(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


# From running back to waiting: the worker was told to stop; to running again: it died.
FOLLOWS: Mapping[RunState, frozenset[RunState]] = {
    RunState.WAITING: frozenset({RunState.RUNNING, RunState.FAILED, RunState.CANCELLED}),
    RunState.RUNNING: frozenset(RunState),
    RunState.DONE: frozenset(),
    RunState.FAILED: frozenset(),
    RunState.CANCELLED: frozenset(),
}
OPEN = frozenset({RunState.WAITING, RunState.RUNNING})
# A run that ended its worker this often would do so for ever.
MOST_ATTEMPTS = 3
# Whoever trains gives a sign of life each second; after this the worker is taken for dead.
SILENCE = timedelta(seconds=30)


class Step(StrEnum):
    """What a run does, in this order."""

    READING = "reading"
    FITTING = "fitting"
    JUDGING = "judging"
    WRITING = "writing"
    TABULATING = "tabulating"


class AttentionFrom(StrEnum):
    """What tells how likely each place of a page is looked at."""

    CLICKS = "clicks"
    SWAPS = "swaps"
    GIVEN = "given"


def is_attention(shares: Sequence[float]) -> bool:
    """Whether these may say how likely each place of a page is looked at, the first being 1."""
    return len(shares) == PAGE_SIZE and shares[0] == 1 and all(0 < each <= 1 for each in shares)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What whoever asks may set; see ``matcher.learn.fit.Parameters``."""

    since: datetime | None = None
    real_only: bool = False
    click_gain: float = 1.0
    request_gain: float = 3.0
    seed: int = 1
    until: datetime | None = None
    attention_from: AttentionFrom = AttentionFrom.CLICKS
    attention: tuple[float, ...] = ()

    def document(self) -> dict[str, Any]:
        """Write them as plain values."""
        return {
            "since": self.since.isoformat() if self.since else None,
            "real_only": self.real_only,
            "click_gain": self.click_gain,
            "request_gain": self.request_gain,
            "seed": self.seed,
            "until": self.until.isoformat() if self.until else None,
            "attention_from": self.attention_from,
            "attention": list(self.attention),
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Wishes":
        """Read what ``document`` wrote."""
        moments = {name: kept.get(name) for name in ("since", "until")}
        read = {name: datetime.fromisoformat(at) if at else None for name, at in moments.items()}
        told = {
            "attention_from": AttentionFrom(kept.get("attention_from", AttentionFrom.CLICKS)),
            "attention": tuple(kept.get("attention", ())),
        }
        return cls(**{**kept, **read, **told})


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One run. ``took``: the seconds of each step done; ``version`` is what came of it."""

    id: UUID
    asked_at: datetime
    asked_by: str
    reason: str
    wishes: Wishes
    state: RunState = RunState.WAITING
    attempts: int = 0
    step: Step | None = None
    step_at: datetime | None = None
    took: tuple[tuple[Step, float], ...] = ()
    seen_at: datetime | None = None
    finished_at: datetime | None = None
    version: str | None = None
    failure: str | None = None
    cancel_asked: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN

    @property
    def left(self) -> tuple[Step, ...]:
        """The steps still to do, the present one among them."""
        done = {step for step, _ in self.took}
        return tuple(step for step in Step if step not in done)

    def silent(self, now: datetime) -> bool:
        """Whether nothing was heard of who trains for too long."""
        return self.state is RunState.RUNNING and (
            self.seen_at is None or now - self.seen_at > SILENCE
        )

    def taken(self, now: datetime) -> "TrainingRun":
        """Begin it, or begin it anew after whoever trained died."""
        return replace(
            self._to(RunState.RUNNING),
            attempts=self.attempts + 1,
            step=None,
            step_at=None,
            took=(),
            seen_at=now,
        )

    def seen(self, now: datetime) -> "TrainingRun":
        """Give a sign of life."""
        return replace(self, seen_at=now)

    def at_step(self, step: Step | None, now: datetime) -> "TrainingRun":
        """Go on to a step, None after the last."""
        took = self.took
        if self.step is not None and self.step_at is not None:
            seconds = round((now - self.step_at).total_seconds(), 1)
            took = (*took, (self.step, seconds))
        return replace(self, step=step, step_at=now if step else None, took=took, seen_at=now)

    def put_back(self, why: str | None) -> "TrainingRun":
        """Let it wait again: told to stop, which is no attempt, or for a failure that may pass."""
        attempts = self.attempts if why else self.attempts - 1
        kept = replace(self._to(RunState.WAITING), attempts=attempts, failure=why)
        return replace(kept, step=None, step_at=None, took=())

    def finished(
        self,
        state: RunState,
        now: datetime,
        *,
        version: str | None = None,
        failure: str | None = None,
    ) -> "TrainingRun":
        """End it."""
        ended = replace(self._to(state), finished_at=now, version=version, failure=failure)
        return replace(ended, step=None, step_at=None)

    def _to(self, state: RunState) -> "TrainingRun":
        if state not in FOLLOWS[self.state]:
            raise TransitionError("training run", self.state, state)
        return replace(self, state=state)


def new_run(at: datetime, actor: Actor, reason: str, wishes: Wishes) -> TrainingRun:
    """Make a run that waits."""
    return TrainingRun(new_id(at), at, f"{actor.kind} {actor.name}", reason, wishes)


def seconds_left(run: TrainingRun, before: TrainingRun | None, now: datetime) -> float | None:
    """Say how long an open run will still take, by what the last one took; None: nobody knows.

    Args:
        run: the run.
        before: the newest that was done.
        now: the present moment.
    """
    if before is None or not run.is_open:
        return None
    took = dict(before.took)
    left = sum(took.get(step, 0.0) for step in run.left)
    here = (now - run.step_at).total_seconds() if run.step_at else 0.0
    return max(left - min(here, took.get(run.step, 0.0) if run.step else 0.0), 0.0)


def is_due(newest: datetime | None, every: timedelta | None, now: datetime) -> bool:
    """Tell whether the schedule asks for a run.

    Args:
        newest: when a run was last asked for, or the first ranker put in service; None: never.
        every: the time between two runs; None: there is no schedule.
        now: the present moment.
    """
    return every is not None and newest is not None and now - newest >= every


class OpenRunError(ConflictError):
    """A run is open already."""

    def __init__(self, run: TrainingRun | None) -> None:
        self.run = run
        who = f", asked for by {run.asked_by}" if run else ""
        super().__init__(f"A ranker is being trained already, or waits for it{who}.")
