"""Attention is read off listings that changed places by chance, whatever is wanted of them."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.explore import arrange
from matcher.features.declared import FEATURES, PLACES
from matcher.learn.dataset import Examples, UnusableLogError
from matcher.learn.fit import Parameters, Parts, fit_parts
from matcher.learn.randomised import attention_by_swaps, read_swaps
from models.domain.matching import PAGE_SIZE, SEEDS
from models.domain.training import AttentionFrom

PAGES = 5_000
LOOKS = np.arange(1, PAGE_SIZE + 1) ** -0.7
# The plain order is good: what stands first is wanted most, and clicks alone fade too fast.
WANTED = 0.1 + 0.8 * np.exp(-np.arange(PAGE_SIZE) / 4)


def pages(share: float, *, sponsored_at: int | None = None, mixed: bool = False) -> Examples:
    """Pages read by place alone; ``mixed``: on every other, neighbours may not change places."""
    chance = np.random.default_rng(11)
    standing = np.zeros((PAGES, PAGE_SIZE), np.int64)
    if mixed:
        standing[::2] = np.arange(PAGE_SIZE) % 2
    seeds = chance.integers(0, SEEDS, PAGES)
    drawn = [arrange(s, share, int(seed)) for s, seed in zip(standing, seeds, strict=True)]
    order = np.array([one.order for one in drawn])
    place = np.tile(np.arange(PAGE_SIZE), PAGES)
    on_page = place + (0 if sponsored_at is None else (place >= sponsored_at))
    seen = on_page < PAGE_SIZE
    clicked = chance.random(order.size) < WANTED[order.ravel()] * LOOKS[on_page % PAGE_SIZE]
    codes = np.zeros((order.size, len(FEATURES)), np.uint8)
    codes[:, PLACES["credential"]] = np.take_along_axis(standing, order, 1).ravel()
    count = order.size
    no = np.zeros(count, bool)
    whole = Examples(
        codes=codes,
        query=np.repeat(np.arange(PAGES, dtype=np.int32), PAGE_SIZE),
        bucket=on_page.astype(np.int16),
        propensity=np.array([one.propensities for one in drawn]).ravel(),
        organic=(place + 1).astype(np.int32),
        clicked=clicked,
        requested=no,
        could_ask=~no,
        unitid=np.zeros(count, np.int64),
        cip=np.zeros(count, "U5"),
        advertised=no,
        plain=(order.ravel() + 1).astype(np.int32),
    )
    return whole.take(seen)


def apart(found: NDArray[np.float64]) -> float:
    """How far attention is from the truth, at worst over all places."""
    return float(np.abs(found - LOOKS).max())


@pytest.fixture(scope="module")
def half() -> Examples:
    return pages(0.5)


def test_attention_is_found_though_the_first_are_wanted_most(half: Examples) -> None:
    found = attention_by_swaps(half)
    assert apart(found.attention[0]) < 0.1
    clicks = np.bincount(half.bucket, half.clicked, PAGE_SIZE)
    assert apart(clicks / clicks[0]) > 0.15, "clicks alone would do"
    assert abs(found.fading[0] - 0.7) < 3 * found.error[0] < 0.4


def test_the_shipped_share_of_exploration_tells_it_more_roughly() -> None:
    found = attention_by_swaps(pages(0.05))
    assert apart(found.attention[0]) < 0.15
    assert abs(found.fading[0] - 0.7) < 3 * found.error[0]


def test_listings_that_chance_may_not_turn_tell_nothing() -> None:
    found = read_swaps(pages(0.5, mixed=True))
    assert found.pairs[0] == PAGES // 2 * (PAGE_SIZE - 1)
    assert apart(found.attention[0]) < 0.1


def test_places_are_of_the_page_and_what_is_sponsored_stands_between() -> None:
    rows = pages(0.5, sponsored_at=1)
    found = read_swaps(rows)
    # Organic places 1 and 2 are places 1 and 3 of the page, and the last is not on it.
    assert 0.9 < found.pairs[0] / (PAGES * (PAGE_SIZE - 3)) <= 1
    assert abs(found.fading[0] - 0.7) < found.error[0] < 0.3
    # Of the first two steps nothing is known: they fade as the others do.
    assert found.attention[0, :3] == pytest.approx(np.arange(1, 4) ** -found.fading[0])


def test_a_listing_counts_as_often_as_it_stands_for_others(half: Examples) -> None:
    nothing = half.query % 3 == 0
    weighed = read_swaps(replace(half, weight=np.where(nothing, 0.0, 1.0)))
    assert weighed.attention == pytest.approx(read_swaps(half.take(~nothing)).attention)


def test_pages_that_tell_no_impressions_are_read_apart(half: Examples) -> None:
    untold = replace(half, bucket=half.bucket + PAGE_SIZE)
    found = read_swaps(untold)
    assert found.clicks.tolist()[0] == 0 < found.clicks.tolist()[1]
    assert apart(found.attention[1]) < 0.1
    # A kind of page that was never explored is read as the other.
    assert (found.attention[0] == found.attention[1]).all()


def test_too_few_clicks_on_what_was_moved_are_refused(half: Examples) -> None:
    unmoved = half.take(half.organic == half.plain)
    assert read_swaps(unmoved).card()["refused"]
    with pytest.raises(UnusableLogError, match="0 clicks on listings that chance had moved"):
        attention_by_swaps(unmoved)


def test_a_fit_takes_attention_from_swaps_or_as_it_is_given(half: Examples) -> None:
    few = half.take(half.query < 1_500)
    parts = Parts(few, few, few)
    quick = Parameters(trees=2, rounds=1)
    swaps = fit_parts(parts, replace(quick, attention_from=AttentionFrom.SWAPS))
    assert (swaps.looked.reading.attention == read_swaps(few).attention).all()
    own = tuple(LOOKS.tolist())
    given = fit_parts(parts, replace(quick, attention_from=AttentionFrom.GIVEN, attention=own))
    # Everybody reads to the end: a click above changes nothing.
    assert given.looked.chances == pytest.approx(LOOKS[few.bucket], abs=1e-6)
    assert given.attention[:PAGE_SIZE] == pytest.approx(LOOKS, abs=1e-6)
