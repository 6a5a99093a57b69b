"""LambdaMART through scikit-learn's loss object: what is relied on of its private parts."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from matcher.learn.canonical import dump, load, untrusted_types
from matcher.learn.listwise import ListwiseLoss, blend

QUERY = np.repeat(np.arange(5), (7, 1, 3, 30, 4))
CHANCE = np.random.default_rng(3)
GAINS = CHANCE.choice([0.0, 0.0, 1.0, 3.0], len(QUERY))
SCORES = CHANCE.standard_normal(len(QUERY))
WEIGHTS = CHANCE.choice([1.0, 4.0], len(QUERY))
Numbers = NDArray[np.float64]


def derivatives(loss: ListwiseLoss, scores: Numbers) -> tuple[NDArray[np.float32], ...]:
    first, second = np.empty((2, len(scores)), np.float32)
    loss.gradient_hessian(GAINS, scores[:, None], gradient_out=first, hessian_out=second)
    return first, second


def by_hand(moved: Numbers, depth: int) -> float:
    """The loss as the module's docstring has it, places as ``SCORES`` puts them."""
    total = 0.0
    for query in np.unique(QUERY):
        rows = np.flatnonzero(query == QUERY)
        order = rows[np.argsort(-SCORES[rows], kind="stable")]
        for a in range(min(depth, len(order))):
            for b in range(a + 1, len(order)):
                i, j = order[a], order[b]
                apart = 1 / np.log2(a + 2) - 1 / np.log2(b + 2)
                lost = GAINS[i] * np.log1p(np.exp(moved[j] - moved[i]))
                lost += GAINS[j] * np.log1p(np.exp(moved[i] - moved[j]))
                total += apart * lost * WEIGHTS[i] * WEIGHTS[j]
    return total


@pytest.mark.parametrize("depth", [3, 20])
def test_gradients_are_those_of_the_loss(depth: int) -> None:
    first, second = derivatives(ListwiseLoss(QUERY, depth, weight=WEIGHTS, even=False), SCORES)
    step = 1e-4
    for row in range(len(QUERY)):
        moved = np.eye(len(QUERY))[row] * step
        up, here, down = (by_hand(SCORES + t * moved, depth) for t in (1, 0, -1))
        assert first[row] == pytest.approx((up - down) / (2 * step), abs=2e-4)
        curve = (up - 2 * here + down) / step**2
        assert second[row] == pytest.approx(max(curve, 1e-6), abs=2e-3)


def test_every_search_counts_the_same_when_asked_to() -> None:
    """Gains a hundred times larger in one search change nothing."""
    even = ListwiseLoss(QUERY, 10, weight=np.ones(len(QUERY)), even=True)
    larger = np.where(QUERY == 3, 100 * GAINS, GAINS)
    found = []
    for gains in (GAINS, larger):
        first, second = np.empty((2, len(QUERY)), np.float32)
        even.gradient_hessian(gains, SCORES[:, None], gradient_out=first, hessian_out=second)
        found.append(first)
    assert np.allclose(found[0], found[1], rtol=1e-4, atol=1e-6)


def test_rows_of_a_search_must_stand_side_by_side() -> None:
    with pytest.raises(ValueError, match="side by side"):
        ListwiseLoss(np.array([1, 2, 1]), 10, weight=np.ones(3), even=False)


def test_it_puts_in_order_what_a_regression_cannot() -> None:
    """Each search has a level of its own, far larger than what tells its listings apart."""
    chance = np.random.default_rng(1)
    query = np.repeat(np.arange(60), 10)
    level = np.repeat(chance.choice([0.0, 1.0], 60), 10)
    column = chance.integers(0, 8, 600)
    gains = (1 + column) * np.where(level > 0, 1000.0, 1.0)
    fitted = _shape(30, loss=ListwiseLoss(query, 10, weight=np.ones(600), even=True)).fit(
        np.column_stack([column, level]), gains
    )
    asked = np.column_stack([np.arange(8), np.zeros(8)])
    assert (np.diff(fitted._raw_predict(asked).ravel()) > 0).all()


def test_a_blend_is_the_sum_of_both_and_a_plain_estimator() -> None:
    chance = np.random.default_rng(2)
    columns, gains = chance.integers(0, 8, (300, 3)), chance.random(300)
    query = np.repeat(np.arange(30), 10)
    rates = _shape(5).fit(columns, gains)
    loss = ListwiseLoss(query, 10, weight=np.ones(300), even=False)
    order = _shape(4, loss=loss).fit(columns, gains)
    before = dump(rates)
    mixed = blend(rates, order, 0.25)
    summed = 0.75 * rates._raw_predict(columns) + 0.25 * order._raw_predict(columns)
    assert np.allclose(mixed._raw_predict(columns), summed, atol=1e-12)
    assert np.allclose(mixed.predict(columns), np.exp(summed).ravel())
    assert dump(rates) == before, "its parts must stay as they are"
    data = dump(mixed)
    assert untrusted_types(data) == []
    assert (load(data).predict(columns) == mixed.predict(columns)).all()


def _shape(trees: int, **other: object) -> HistGradientBoostingRegressor:
    return HistGradientBoostingRegressor(
        **{
            "loss": "poisson",
            "max_iter": trees,
            "early_stopping": False,
            "random_state": 1,
            **other,
        }
    )
