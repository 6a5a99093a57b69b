"""The gate: honest rankers pass, spoiled ones are stopped with the reason named."""

from dataclasses import replace

import numpy as np
import pytest

from matcher.learn.fit import Parameters, fit_ranker
from matcher.learn.prices import prices_of
from matcher.learn.segments import school_states
from matcher.match import Engine
from models.domain.gate import Condition, failed_rows, gate_document, gate_rows, moved_rows
from tests.support.spoiled import SPOILED, Trial, failed
from tests.support.traffic import Log, simulated_log

QUICK = Parameters(trees=60, rounds=4)
OTHER_SEEDS = tuple(range(11, 21))


def make_trial(engine: Engine, log: Log, parameters: Parameters = QUICK) -> Trial:
    """A fit to a log in which the for-profit schools are advertisers."""
    catalog, dataset = engine.catalog, log.dataset()
    paying = catalog.unitid[catalog.control == 2]
    advertised = np.isin(dataset.examples.unitid, paying)
    dataset = replace(dataset, examples=replace(dataset.examples, advertised=advertised))
    fitted = fit_ranker(dataset, parameters)
    chances = prices_of(dataset, fitted, parameters.seed).forests
    champion, states = engine.ranker.forest, school_states(catalog)
    return Trial(dataset, fitted, chances, champion, catalog.version, states)


@pytest.fixture(scope="module")
def trial(small: Engine, log: Log) -> Trial:
    return make_trial(small, log)


def test_an_honest_ranker_passes(trial: Trial) -> None:
    rows = trial.judged()
    assert failed(rows) == set(), [row.said() for row in rows.values()]
    assert len(rows) == 12


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_ranker_is_stopped_and_the_reason_named(trial: Trial, name: str) -> None:
    spoil, why = SPOILED[name]
    rows = spoil(trial)
    assert why in failed(rows), [row.said() for row in rows.values()]


@pytest.mark.slow
def test_nine_of_ten_honest_retrainings_pass_and_no_spoiled_one(small: Engine) -> None:
    passed = 0
    for seed in OTHER_SEEDS:
        trial = make_trial(small, simulated_log(small, 3_000, seed=seed), Parameters())
        passed += not failed(trial.judged())
        for name, (spoil, why) in SPOILED.items():
            assert why in failed(spoil(trial)), (seed, name)
    assert passed >= 9


def test_what_is_too_little_to_judge_by_does_not_pass(small: Engine) -> None:
    little = make_trial(small, simulated_log(small, 400, seed=3), Parameters(trees=10, rounds=1))
    assert "evidence" in failed(little.judged())


GOOD = Condition("over_random", passed=True, figure="+0.1", limit="above 0")
BAD = Condition("segments", passed=False, figure="NY: -0.2", limit="none worse")


def test_a_card_keeps_the_rows_as_they_were() -> None:
    card = {"gate": gate_document((GOOD, BAD), champion="r", catalog="c")}
    assert card["gate"]["passed"] is False
    assert gate_rows(card) == (GOOD, BAD)
    assert failed_rows(card) == (BAD,)


@pytest.mark.parametrize("card", [{}, {"gate": None}, {"gate": {"passed": True}}])
def test_a_card_without_rows_passed_nothing(card: dict[str, object]) -> None:
    assert [row.name for row in failed_rows(card)] == ["judged"]


def test_what_was_judged_with_something_else_was_not_judged_for_now() -> None:
    card = {"provenance": "learned", "gate": gate_document((GOOD,), champion="r", catalog="c")}
    assert moved_rows(card, champion="r", catalog="c") == ()
    (row,) = moved_rows(card, champion="other", catalog="c")
    assert row.name == "champion_now"
    (row,) = moved_rows(card, champion="r", catalog=None)
    assert row.name == "catalog_now"
    assert moved_rows({**card, "provenance": "prior"}, champion="x", catalog="y") == ()
