"""Three ways to read a page, many pages at once."""

import numpy as np
import pytest

from matcher.learn.simulate_clicks import (
    GOES_ON,
    SATISFIED,
    Examination,
    Habits,
    Read,
    expect_reading,
    read_pages,
    scrolled,
)
from matcher.learn.simulate_truth import click_chances, request_chances

PAGES, PLACES = 20_000, 20


def read(
    how: Examination, wish: float = 1.0, mistaken: float = 0.0, *, askable: bool = True
) -> Read:
    chance = np.random.default_rng(5)
    depth = scrolled(chance, PAGES, PLACES)
    wanted, may = np.full((PAGES, PLACES), wish), np.full((PAGES, PLACES), askable)
    return read_pages(chance, wanted, may, depth, Habits(how, mistaken))


def test_the_same_seed_reads_the_same() -> None:
    for how in Examination:
        first, again = read(how), read(how)
        assert (first.clicked == again.clicked).all()
        assert (first.asked == again.asked).all()


def test_a_cascade_ends_at_the_first_click() -> None:
    found = read(Examination.CASCADE)
    assert found.clicked.sum(axis=1).max() == 1
    clicks = click_chances(np.ones(1))[0]
    for place in range(4):
        expected = clicks * (1 - clicks) ** place
        assert found.clicked[:, place].mean() == pytest.approx(expected, abs=0.01)
    rows = np.flatnonzero(found.clicked.any(axis=1))
    assert (found.depth[rows] == found.clicked[rows].argmax(axis=1) + 1).all()


def test_bayesian_students_tire_are_satisfied_and_stop_when_they_asked() -> None:
    found = read(Examination.BAYESIAN)
    assert (found.asked.sum(axis=1) <= 1).all()
    asked = np.flatnonzero(found.asked.any(axis=1))
    assert (found.depth[asked] == found.asked[asked].argmax(axis=1) + 1).all()
    after = found.depth > 1
    clicked, took = found.clicked[:, 0], found.asked[:, 0]
    assert after[~clicked].mean() == pytest.approx(GOES_ON, abs=0.01)
    assert after[clicked & ~took].mean() == pytest.approx(GOES_ON * (1 - SATISFIED), abs=0.03)


def test_who_cannot_be_asked_is_not() -> None:
    for how in Examination:
        assert not read(how, askable=False).asked.any()
        found = read(how)
        assert not (found.asked & ~found.clicked).any()
    first = read(Examination.CASCADE)
    share = first.asked[:, 0].sum() / first.clicked[:, 0].sum()
    assert share == pytest.approx(request_chances(np.ones(1))[0], abs=0.03)


def test_mistakes_are_clicks_on_what_nobody_wants() -> None:
    assert read(Examination.POSITION, wish=-30.0).clicked.sum() == 0
    found = read(Examination.POSITION, wish=-30.0, mistaken=0.1)
    assert found.clicked[:, 0].mean() == pytest.approx(0.1, abs=0.01)
    assert not found.asked.any()


@pytest.mark.parametrize("how", Examination)
def test_what_is_expected_is_what_many_students_do(how: Examination) -> None:
    chance = np.random.default_rng(9)
    wish, may = chance.normal(0.5, 1, PLACES), chance.random(PLACES) < 0.7
    habits = Habits(how, mistaken=0.1)
    wanted, can = np.tile(wish, (5 * PAGES, 1)), np.tile(may, (5 * PAGES, 1))
    read = read_pages(chance, wanted, can, scrolled(chance, 5 * PAGES, PLACES), habits)
    expected = expect_reading(wish[None], may[None], habits)
    assert np.abs(read.clicked.mean(axis=0) - expected.clicked[0]).max() < 0.006
    assert np.abs(read.asked.mean(axis=0) - expected.asked[0]).max() < 0.006
    on_screen = np.arange(PLACES) < read.depth[:, None]
    assert (expected.looked[0] <= on_screen.mean(axis=0) + 0.006).all()
