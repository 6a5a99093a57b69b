"""A training run's states, its steps, and what it will still take."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from models.domain.errors import TransitionError
from models.domain.organization import Actor, ActorKind
from models.domain.training import (
    FOLLOWS,
    SILENCE,
    AttentionFrom,
    RunState,
    Step,
    TrainingRun,
    Wishes,
    is_due,
    new_run,
    seconds_left,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WAITS = new_run(NOW, Actor(ActorKind.STAFF, "stf_1"), "why", Wishes(since=NOW, seed=3))


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def done(*seconds: float) -> TrainingRun:
    took = tuple(zip(Step, seconds, strict=True))
    return replace(WAITS, state=RunState.DONE, took=took)


def test_wishes_are_read_as_they_were_written() -> None:
    assert Wishes.read(WAITS.wishes.document()) == WAITS.wishes
    assert Wishes.read(Wishes().document()) == Wishes()
    given = Wishes(attention_from=AttentionFrom.GIVEN, attention=(1.0, 0.5))
    assert Wishes.read(json.loads(json.dumps(given.document()))) == given


def test_wishes_that_say_nothing_of_attention_leave_it_to_clicks() -> None:
    kept = {n: v for n, v in Wishes().document().items() if not n.startswith("attention")}
    assert Wishes.read(kept).attention_from is AttentionFrom.CLICKS


def test_who_asked_is_kept() -> None:
    assert WAITS.asked_by == "staff stf_1"


@pytest.mark.parametrize("state", [RunState.DONE, RunState.FAILED, RunState.CANCELLED])
def test_what_has_ended_never_begins_again(state: RunState) -> None:
    assert FOLLOWS[state] == frozenset()
    ended = WAITS.taken(NOW).finished(state, NOW)
    with pytest.raises(TransitionError):
        ended.taken(NOW)
    with pytest.raises(TransitionError):
        ended.put_back(None)


def test_a_run_that_waits_cannot_be_done() -> None:
    with pytest.raises(TransitionError):
        WAITS.finished(RunState.DONE, NOW, version="v")


def test_steps_are_timed_and_what_is_left_shrinks() -> None:
    run = WAITS.taken(NOW)
    assert run.left == tuple(Step)
    run = run.at_step(Step.READING, NOW).at_step(Step.FITTING, after(4))
    assert run.took == ((Step.READING, 4.0),)
    assert run.left == tuple(Step)[1:]
    again = run.taken(after(9))
    assert (again.attempts, again.took, again.step) == (2, (), None)


def test_what_is_left_is_told_by_what_the_last_run_took() -> None:
    before = done(10.0, 60.0, 20.0, 1.0, 9.0)
    assert seconds_left(WAITS, before, NOW) == 100.0
    run = WAITS.taken(NOW).at_step(Step.READING, NOW).at_step(Step.FITTING, after(5))
    assert seconds_left(run, before, after(25)) == 70.0
    # Slower than the last one: what is over is not taken off what comes after.
    assert seconds_left(run, before, after(500)) == 30.0
    assert seconds_left(run, None, NOW) is None
    assert seconds_left(before, before, NOW) is None


def test_who_gives_no_sign_of_life_is_silent() -> None:
    run = WAITS.taken(NOW)
    assert not run.silent(NOW + SILENCE)
    assert run.silent(NOW + SILENCE + timedelta(seconds=1))
    assert not run.seen(after(20)).silent(NOW + SILENCE + timedelta(seconds=1))
    assert not WAITS.silent(after(10_000))


def test_a_run_put_back_counts_as_an_attempt_only_when_it_failed() -> None:
    run = WAITS.taken(NOW)
    assert run.put_back(None).attempts == 0
    assert (run.put_back("full").attempts, run.put_back("full").failure) == (1, "full")


@pytest.mark.parametrize(
    ("newest", "every", "due"),
    [
        (after(-3600), timedelta(hours=1), True),
        (after(-3599), timedelta(hours=1), False),
        (after(-9999), None, False),
        (None, timedelta(hours=1), False),
    ],
)
def test_the_schedule_waits_its_time(
    newest: datetime | None, every: timedelta | None, due: bool
) -> None:
    assert is_due(newest, every, NOW) is due
