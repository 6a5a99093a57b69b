"""The challenger's stages, and which slates are a canary's."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from models.domain.challenge import Challenge, Stage, check_move, running
from models.domain.errors import ConflictError, TransitionError

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def row(stage: Stage, share: float = 0.0, version: str = "new") -> Challenge:
    return Challenge(version, stage, share, AT, "a test", "why")


SHADOW, CANARY, STOPPED = row(Stage.SHADOW), row(Stage.CANARY, 5.0), row(Stage.CANDIDATE)


@pytest.mark.parametrize(
    ("newest", "to"),
    [(None, SHADOW), (STOPPED, SHADOW), (SHADOW, CANARY), (CANARY, row(Stage.CANARY, 20.0))],
)
def test_one_stage_follows_the_other(newest: Challenge | None, to: Challenge) -> None:
    check_move(newest, "champion", to)


@pytest.mark.parametrize(("newest", "to"), [(None, CANARY), (STOPPED, CANARY), (SHADOW, SHADOW)])
def test_no_stage_is_skipped_or_repeated(newest: Challenge | None, to: Challenge) -> None:
    with pytest.raises(TransitionError):
        check_move(newest, "champion", to)


def test_a_champion_challenges_nobody_and_there_is_one_challenger() -> None:
    with pytest.raises(TransitionError):
        check_move(None, "new", SHADOW)
    with pytest.raises(ConflictError, match="new is in canary"):
        check_move(CANARY, "champion", row(Stage.SHADOW, version="another"))
    check_move(STOPPED, "champion", row(Stage.SHADOW, version="another"))


@pytest.mark.parametrize("share", [0.0, 50.1, -1.0])
def test_a_share_that_is_no_look_is_refused(share: float) -> None:
    with pytest.raises(ConflictError, match="share"):
        check_move(SHADOW, "champion", replace(CANARY, share=share))


def test_a_canary_draws_its_share_and_a_shadow_nothing() -> None:
    assert sum(CANARY.draws(seed) for seed in range(10_000)) == 500
    assert [CANARY.draws(seed) for seed in (0, 499, 500, 10_000)] == [True, True, False, True]
    assert not any(SHADOW.draws(seed) for seed in range(10_000))


def test_what_was_stopped_runs_no_more() -> None:
    assert (running(None), running(STOPPED)) == (None, None)
    assert (running(SHADOW), running(CANARY)) == (SHADOW, CANARY)
