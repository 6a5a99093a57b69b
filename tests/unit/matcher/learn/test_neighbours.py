"""What exploration can tell of a new order: that its neighbours earn what it says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.explore import arrange
from matcher.features.declared import FEATURES, FIELD_NOT_ASKED, PLACES
from matcher.learn.dataset import Examples
from matcher.learn.neighbours import turned
from matcher.learn.offpolicy import Decisions, estimate
from models.domain.matching import PAGE_SIZE, SEEDS


def examples(
    plain: NDArray[np.int32],
    query: NDArray[np.int32],
    organic: NDArray[np.int32] | None = None,
    **codes: NDArray[np.int64],
) -> Examples:
    """Listings that were on the screen; ``codes`` by feature, 0 where none are given."""
    n = len(plain)
    coded = np.zeros((n, len(FEATURES)), np.uint8)
    for name, values in codes.items():
        coded[:, PLACES[name]] = values
    no, at = np.zeros(n, bool), plain if organic is None else organic
    return Examples(
        codes=coded,
        query=query,
        bucket=(at - 1).astype(np.int16),
        propensity=np.ones(n),
        organic=at,
        clicked=no,
        requested=no,
        could_ask=no,
        unitid=np.arange(n),
        cip=np.where(np.arange(n) % 2, "51.38", "51.07"),
        advertised=no,
        plain=plain,
    )


def places(*values: int) -> NDArray[np.int32]:
    return np.array(values, np.int32)


def test_neighbours_turn_where_the_second_scores_higher() -> None:
    rows = examples(places(1, 2, 3, 4, 5, 21, 22), places(0, 0, 0, 0, 0, 0, 0))
    scores = np.array([1.0, 2.0, 2.0, 1.0, 9.0, 1.0, 2.0])
    # The fifth has no neighbour on the screen, and chance touches no second page.
    assert turned(rows, scores).tolist() == [2, 1, 3, 4, 5, 21, 22]


def test_neighbours_are_of_one_search_in_any_order_of_rows() -> None:
    rows = examples(places(2, 1, 2, 1), places(1, 0, 0, 1))
    assert turned(rows, np.array([5.0, 1.0, 2.0, 1.0])).tolist() == [1, 2, 1, 2]
    apart = examples(places(2, 1), places(1, 0))
    assert turned(apart, np.array([5.0, 1.0])).tolist() == [2, 1]


def test_what_chance_may_not_turn_stays() -> None:
    higher = np.array([1.0, 2.0])
    for name, one, other in (
        ("credential", 1, 2),
        ("verdict", 1, 2),
        ("completers", 1, 2),
        ("state", 1, 2),
        ("format_fit", 1, 2),
        ("distance", 2, 9),
    ):
        rows = examples(places(1, 2), places(0, 0), **{name: np.array([one, other])})
        assert turned(rows, higher).tolist() == [1, 2], name
    unasked = examples(places(1, 2), places(0, 0), field_fit=np.full(2, FIELD_NOT_ASKED))
    assert turned(unasked, higher).tolist() == [1, 2]
    alike = examples(places(1, 2), places(0, 0), earnings=np.array([1, 2]))
    assert turned(alike, higher).tolist() == [2, 1]


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_a_log_that_explored_tells_what_neighbours_earn(share: float) -> None:
    """On pages with known truth, with the shipped share, nothing is refused and the truth held."""
    chance, pages = np.random.default_rng(8), 6_000
    worth = chance.random((pages, PAGE_SIZE))
    looks = np.arange(1, PAGE_SIZE + 1) ** -0.7
    alike = np.zeros(PAGE_SIZE, np.int64)
    drawn = [arrange(alike, share, int(seed)) for seed in chance.integers(0, SEEDS, pages)]
    order = np.array([one.order for one in drawn])
    earned = chance.random(order.shape) < np.take_along_axis(worth, order, 1) * looks
    query = np.repeat(np.arange(pages, dtype=np.int32), PAGE_SIZE)
    organic = np.tile(np.arange(1, PAGE_SIZE + 1, dtype=np.int32), pages)
    rows = examples((order + 1).astype(np.int32).ravel(), query, organic)
    scores = np.take_along_axis(worth, order, 1).ravel()
    wanted = turned(rows, scores)
    found = estimate(
        Decisions(
            cluster=query,
            rewards=earned.ravel().astype(np.float64),
            logged=np.array([one.propensities for one in drawn]).ravel(),
            target=(wanted == organic).astype(np.float64),
            guessed=scores * looks[organic - 1],
            guessed_target=scores * looks[wanted - 1],
        )
    )
    best = np.sort(worth.reshape(pages, -1, 2), axis=2)[:, :, ::-1].reshape(pages, -1)
    truth, served = (best * looks).sum(axis=1).mean(), (worth * looks).sum(axis=1).mean()
    assert found.refused is None
    assert abs(found.covered - 1) < 0.05
    new = found.estimates["doubly_robust"]
    assert new.low <= truth <= new.high
    assert (new.high - new.low) / 2 < 0.12 * truth
    # The shipped share tells whether an order is bad; that one is a little better takes more.
    assert share < 0.5 or new.low > served
