"""Invariant 1 through retraining: who pays moves nobody in the order that is learned.

The same students come to the same catalog while different schools advertise, and a ranker learns
from each log. Schools of one control advertise together, so that a learner that took pay for merit
could tell them by a feature.
"""

from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from matcher.features.declared import PLACES
from matcher.forest import FlatForest, forest_sum
from matcher.learn.dataset import Examples
from matcher.learn.evaluate import places
from matcher.learn.fit import Parameters, fit_ranker
from matcher.learn.flatten import flatten
from matcher.learn.trees import fit_rates
from matcher.match import Engine
from models.domain.matching import CampaignOffer
from tests.support.catalogs import an_offer
from tests.support.traffic import Log, simulated_log

SEARCHES = 700
CONTROLS = (0, 1, 2)
# Five campaigns plans: every control pays in some and not in others.
PLANS = ((0,), (1,), (2,), (0, 1), (1, 2))
OTHER_SEEDS = (21, 22, 23)
QUICK = Parameters(trees=40, rounds=4)


def campaigns(engine: Engine, paying: tuple[int, ...]) -> list[CampaignOffer]:
    control = {
        int(u): int(c) for u, c in zip(engine.catalog.unitid, engine.catalog.control, strict=True)
    }
    schools = [unitid for unitid, c in control.items() if c in paying]
    return [an_offer(number, [unitid]) for number, unitid in enumerate(schools)]


def honest(log: Log) -> FlatForest:
    return fit_ranker(log.dataset(), QUICK).forest


def naive(log: Log) -> FlatForest:
    """What must not be done: sponsored places teach like others, and no place is corrected for."""
    paid = [
        replace(page, listings=tuple({**x, "campaign_version_id": None} for x in page.listings))
        for page in log.pages
    ]
    examples = replace(log, pages=paid).dataset().examples
    gains = examples.clicked + 3.0 * examples.requested
    return flatten(fit_rates(examples.codes, gains, np.ones(len(examples)), QUICK.trees, 1))


def ranks(forest: FlatForest, judging: Examples) -> np.ndarray:
    """The mean place of each control's listings, shape (3,)."""
    place = places(judging.query, forest_sum(forest, judging.codes).astype(float))
    control = judging.codes[:, PLACES["control"]]
    return np.array([place[control == each].mean() for each in CONTROLS])


def lifted(found: dict[tuple[int, ...], np.ndarray]) -> float:
    """How many places higher listings stand for paying, over controls."""
    means = []
    for control in CONTROLS:
        paying = [rank[control] for plan, rank in found.items() if control in plan]
        others = [rank[control] for plan, rank in found.items() if control not in plan]
        means.append(np.mean(others) - np.mean(paying))
    return float(np.mean(means))


@pytest.mark.slow
def test_pay_does_not_leak_through_learning(small: Engine) -> None:
    judging = simulated_log(small, 300, seed=77).dataset().examples

    @cache
    def log(plan: tuple[int, ...], seed: int = 1) -> Log:
        return simulated_log(small, SEARCHES, seed=seed, offers=campaigns(small, plan))

    assert all(
        any(x["campaign_version_id"] is not None for page in log(plan).pages for x in page.listings)
        for plan in PLANS
    ), "nobody paid for anything"
    by_seed = [ranks(honest(log((), seed)), judging) for seed in OTHER_SEEDS]
    between_seeds = max(float(np.abs(a - b).mean()) for a, b in combinations(by_seed, 2))
    spoiled = lifted({plan: ranks(naive(log(plan)), judging) for plan in PLANS})
    assert spoiled > between_seeds, "a learner that takes pay for merit would not be seen"
    learned = lifted({plan: ranks(honest(log(plan)), judging) for plan in PLANS})
    told = f"lifted {learned:.3f}, naive {spoiled:.3f}, between seeds {between_seeds:.3f}"
    assert abs(learned) <= between_seeds, told
