"""Columns and constraints of learned trees."""

import numpy as np
import pytest

from matcher.features.declared import CROSS, DISTANCE_EDGES, PLACES
from matcher.features.pack import all_codes
from matcher.forest import CROSS_TREES, SCALE, FlatForest, forest_sum, tabulate
from matcher.learn.flatten import flatten
from matcher.learn.prior import sample_codes
from matcher.learn.trees import Growing, distinct, fit_rates, raw_scores

CODES = sample_codes(51, 6_000)
MILES = CODES[:, PLACES["distance"]]
RATES = 1.0 + MILES.astype(np.float64)
UNKNOWN = len(DISTANCE_EDGES) + 1


@pytest.fixture(scope="module")
def forest() -> FlatForest:
    """Fitted to wishes that rise and fall with distance, and to places that nobody knows."""
    wanted = np.array([1.0, 1.6, 0.4, 1.2, 0.3, 0.5, 0.2, 0.6, 2.0, 0.1, 1.0])[MILES]
    rates = wanted * (1 + 0.2 * CODES[:, PLACES["state"]])
    return flatten(fit_rates(CODES, rates, np.ones(len(CODES)), 60, 1))


def test_farther_is_never_wanted_more_all_else_equal(forest: FlatForest) -> None:
    """On the table that serves: every request, every other cross feature."""
    columns = all_codes(CROSS)
    table = tabulate(forest, CROSS_TREES, CROSS, columns)
    order = np.lexsort((columns[0], *columns[:0:-1]))
    sizes = [feature.size for feature in CROSS]
    by_miles = table[:, :, order].reshape(*table.shape[:2], -1, sizes[0])[..., :UNKNOWN]
    assert (columns[0][order].reshape(-1, sizes[0]) == np.arange(sizes[0])).all()
    assert (np.diff(by_miles, axis=-1) <= 0).all()
    assert (by_miles[..., 0] > by_miles[..., -1]).all()


def test_of_places_that_nobody_knows_nothing_is_said_beforehand(forest: FlatForest) -> None:
    """They were wanted most and least, and so they are scored."""
    scores = forest_sum(forest, CODES)
    means = [scores[code == MILES].mean() for code in range(UNKNOWN + 3)]
    assert means[UNKNOWN] > means[UNKNOWN - 1] > means[UNKNOWN + 1]
    assert means[UNKNOWN] > means[0]


def test_the_forest_scores_codes_as_the_trees_score_columns() -> None:
    rates = RATES + CODES[:, PLACES["earnings"]]
    estimator = fit_rates(CODES, rates, np.ones(len(CODES)), 30, 1)
    flat = flatten(estimator)
    wrong = np.abs(forest_sum(flat, CODES) / SCALE - raw_scores(estimator, CODES))
    assert wrong.max() <= (len(flat.root) + 1) * 0.5 / SCALE + 1e-9


def test_listings_of_the_same_codes_are_fitted_as_one() -> None:
    codes, which = distinct(np.concatenate([CODES, CODES[:100]]))
    assert (codes[which[:6_000]] == CODES).all()
    assert len(codes) == len(np.unique(CODES, axis=0))
    rates, weights = RATES, np.ones(len(CODES))
    once = fit_rates(CODES, rates, 2 * weights, 10, 1)
    twice = fit_rates(np.repeat(CODES, 2, 0), np.repeat(rates, 2), np.repeat(weights, 2), 10, 1)
    assert np.allclose(raw_scores(once, CODES), raw_scores(twice, CODES))


def test_trees_that_grow_come_nearer() -> None:
    codes, _ = distinct(CODES)
    rates = 1.0 + codes[:, PLACES["earnings"]].astype(np.float64)
    growing = Growing(codes, 1)
    wrong = []
    for _ in range(3):
        growing.grow(rates, np.ones(len(codes)), 10)
        wrong.append(np.abs(growing.rates(codes) - rates).mean())
    assert wrong[0] > 1.5 * wrong[1] > 1.5**2 * wrong[2]
