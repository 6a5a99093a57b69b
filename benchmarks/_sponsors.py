"""Whether pay moves the organic order through retraining.

The same students make the same searches while schools of other controls advertise: up to four
listings a page are lifted to places 2, 5, 8 and 11. A ranker learns from each log, from organic
places alone. ``sponsor_drift`` is how many places higher listings then stand in the organic order
for having paid, mean over controls; beside it how far they stand apart for nothing but other
students, and what a naive build does (sponsored places teach too, no place is corrected for).
"""

from collections.abc import Mapping
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from benchmarks._students import CLICK_GAIN, REQUEST_GAIN, Searches, World, logged
from matcher.features.declared import PLACES
from matcher.forest import FlatForest, forest_sum
from matcher.learn.evaluate import places
from matcher.learn.fit import Parameters, Parts, fit_parts
from matcher.learn.flatten import flatten
from matcher.learn.simulate_clicks import Habits
from matcher.learn.trees import fit_rates
from models.domain.matching import PAGE_SIZE

SEARCHES, SESSIONS, CALIBRATING = 1_500, 4, 8
Plan = tuple[int, ...]

PAID_PLACES = (1, 4, 7, 10)
CONTROLS = (0, 1, 2)
# Every control pays in some plans and not in others.
PLANS: tuple[Plan, ...] = ((0,), (1,), (2,), (0, 1), (1, 2))
SEED, OTHER_SEEDS = 31, (32, 33, 34)
PARAMETERS = Parameters(CLICK_GAIN, REQUEST_GAIN, trees=60, rounds=6)

Numbers = NDArray[np.float64]
Rows = NDArray[np.int64]


def sponsor_drift(searches: Searches) -> dict[str, float]:
    """Retrain under five plans, and under none for three other crowds of students."""
    world = World.of(searches, np.random.default_rng(SEED))
    learned, naive = {}, {}
    for plan in PLANS:
        rows, paid = _pages(searches, plan)
        learned[plan] = _ranks(searches, _learn(world, rows, paid, SEED))
        naive[plan] = _ranks(searches, _learn_naively(world, rows, SEED))
    rows, nobody = _pages(searches, ())
    crowds = [_ranks(searches, _learn(world, rows, nobody, seed)) for seed in OTHER_SEEDS]
    between = max(float(np.abs(a - b).mean()) for a, b in combinations(crowds, 2))
    found = {
        "sponsor_drift": round(_lifted(learned), 4),
        "sponsor_drift_naive": round(_lifted(naive), 4),
        "between_seeds": round(between, 4),
    }
    print(f"pay: {found}", flush=True)
    return found


def _pages(searches: Searches, plan: Plan) -> tuple[Rows, NDArray[np.bool_]]:
    """First pages with what a plan pays for, and which places are paid for: (searches, page)."""
    pays = np.isin(searches.codes[:, PLACES["control"]], plan)
    first = searches.first[:SEARCHES]
    pages = first[:, None] + np.arange(PAGE_SIZE)
    paid = np.zeros(pages.shape, bool)
    for row, begins in enumerate(first.tolist()):
        end = int(np.searchsorted(searches.query, row, side="right"))
        lifted = begins + PAGE_SIZE + np.flatnonzero(pays[begins + PAGE_SIZE : end])
        at = list(PAID_PLACES[: len(lifted)])
        organic = iter(range(begins, begins + PAGE_SIZE))
        bought = iter(lifted.tolist())
        pages[row] = [next(bought if p in at else organic) for p in range(PAGE_SIZE)]
        paid[row, at] = True
    return pages, paid


def _learn(world: World, rows: Rows, paid: NDArray[np.bool_], seed: int) -> FlatForest:
    """As training does: sponsored places are no examples."""
    pages = np.repeat(rows, SESSIONS, axis=0)
    organic = ~np.repeat(paid, SESSIONS, axis=0).ravel()
    read = world.read(np.random.default_rng([seed, 1]), pages, Habits())
    examples = logged(world.searches, pages, read).take(organic)
    calibrating = examples.query % CALIBRATING == 0
    fitting, rest = examples.take(~calibrating), examples.take(calibrating)
    return fit_parts(Parts(fitting, rest, rest), PARAMETERS).forest


def _learn_naively(world: World, rows: Rows, seed: int) -> FlatForest:
    """What must not be done."""
    pages = np.repeat(rows, SESSIONS, axis=0)
    read = world.read(np.random.default_rng([seed, 1]), pages, Habits())
    examples = logged(world.searches, pages, read)
    gains = CLICK_GAIN * examples.clicked + REQUEST_GAIN * examples.requested
    everything = np.ones(len(examples))
    return flatten(fit_rates(examples.codes, gains, everything, PARAMETERS.trees, seed))


def _ranks(searches: Searches, forest: FlatForest) -> Numbers:
    """The mean place of each control's listings in searches that taught nothing, shape (3,)."""
    judging = searches.query >= SEARCHES
    codes, query = searches.codes[judging], searches.query[judging]
    place = places(query, forest_sum(forest, codes).astype(np.float64))
    control = codes[:, PLACES["control"]]
    return np.array([place[control == each].mean() for each in CONTROLS])


def _lifted(found: Mapping[Plan, Numbers]) -> float:
    """How many places higher listings stand for paying, mean over controls."""
    means = []
    for control in CONTROLS:
        paying = [rank[control] for plan, rank in found.items() if control in plan]
        others = [rank[control] for plan, rank in found.items() if control not in plan]
        means.append(np.mean(others) - np.mean(paying))
    return float(np.mean(means))
