"""How pages are read is found from clicks alone, whichever of three ways students read them."""

from dataclasses import replace

import numpy as np
import pytest

from matcher.learn.dataset import Examples
from matcher.learn.debias import Looked, find_reading
from matcher.learn.prior import sample_codes
from matcher.learn.simulate_clicks import (
    GOES_ON,
    SATISFIED,
    Examination,
    Habits,
    attention,
    read_pages,
)
from matcher.learn.simulate_truth import wishes
from models.domain.matching import PAGE_SIZE

PAGES = 6_000


def read_as(how: Examination, pages: int = PAGES) -> Examples:
    """Pages of like programs in any order, all of them on the screen."""
    chance = np.random.default_rng(4)
    kinds = sample_codes(6, 40)
    rows = np.array([chance.permutation(40)[:PAGE_SIZE] for _ in range(pages)])
    everywhere = np.ones(rows.shape, bool)
    depth = np.full(pages, PAGE_SIZE)
    read = read_pages(chance, wishes(kinds)[rows] - 0.5, everywhere, depth, Habits(how))
    count, flat = rows.size, rows.ravel()
    place = np.tile(np.arange(PAGE_SIZE), pages)
    no = np.zeros(count, bool)
    return Examples(
        codes=kinds[flat],
        query=np.repeat(np.arange(pages, dtype=np.int32), PAGE_SIZE),
        bucket=place.astype(np.int16),
        propensity=np.ones(count),
        organic=(place + 1).astype(np.int32),
        clicked=read.clicked.ravel(),
        requested=read.asked.ravel(),
        could_ask=np.ones(count, bool),
        unitid=np.zeros(count, np.int64),
        cip=np.zeros(count, "U5"),
        advertised=no,
    )


@pytest.fixture(scope="module")
def found() -> dict[Examination, Looked]:
    return {how: find_reading(read_as(how), 1) for how in Examination}


def test_position_based(found: dict[Examination, Looked]) -> None:
    reading = found[Examination.POSITION].reading
    assert np.abs(reading.attention[0] - attention()).max() < 0.08
    assert reading.reads_on[0].min() > 0.8


def test_cascade(found: dict[Examination, Looked]) -> None:
    reading = found[Examination.CASCADE].reading
    assert reading.reads_on[0, 0] > 0.97
    assert reading.reads_on[0, 1:].max() < 0.05
    assert reading.attention[0, :8].min() > 0.8


def test_dynamic_bayesian(found: dict[Examination, Looked]) -> None:
    reading = found[Examination.BAYESIAN].reading
    assert reading.reads_on[0, 0] == pytest.approx(GOES_ON, abs=0.03)
    assert reading.reads_on[0, 1] == pytest.approx(GOES_ON * (1 - SATISFIED), abs=0.06)
    assert reading.reads_on[0, 2] < 0.05
    assert reading.attention[0, :6].min() > 0.8


def test_what_stands_below_a_click_was_hardly_looked_at(found: dict[Examination, Looked]) -> None:
    examples = read_as(Examination.CASCADE)
    clicks = examples.clicked.reshape(-1, PAGE_SIZE)
    below = np.greater(np.cumsum(clicks, axis=1) - clicks, 0).ravel()
    chances = found[Examination.CASCADE].chances
    assert chances[below].max() < 0.05
    assert chances[~below].mean() > 0.7


def test_a_listing_that_stands_for_others_counts_as_often() -> None:
    """Half of what led nowhere left out, the rest weighing twice: the same is found."""
    whole = read_as(Examination.POSITION, 3_000)
    chance = np.random.default_rng(8)
    kept = whole.clicked | (chance.random(len(whole)) < 0.5)
    thinned = replace(whole, weight=np.where(whole.clicked, 1.0, 2.0)).take(kept)
    every, some = (find_reading(each, 1).by_bucket[:PAGE_SIZE] for each in (whole, thinned))
    assert np.abs(every - some).max() < 0.08


def test_pages_that_tell_no_impressions_are_read_apart() -> None:
    told = read_as(Examination.POSITION, 1_500)
    untold = read_as(Examination.CASCADE, 1_500)
    moved = replace(untold, bucket=untold.bucket + PAGE_SIZE, query=untold.query + 1_500)
    names = list(Examples.__slots__)
    both = Examples(*(np.concatenate([getattr(told, n), getattr(moved, n)]) for n in names))
    reading = find_reading(both, 1).reading
    assert reading.reads_on[0, 1] > 0.7
    assert reading.reads_on[1, 1] < 0.1
