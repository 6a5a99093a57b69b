"""The truth of the learning benchmark is what its students do, without the luck of drawing them."""

import numpy as np
import pytest

from benchmarks._students import CLICK_GAIN, REQUEST_GAIN, Searches, World
from matcher.learn.prior import sample_codes
from matcher.learn.simulate_clicks import Examination, Habits
from models.domain.matching import PAGE_SIZE


@pytest.fixture(scope="module")
def world() -> World:
    searches = Searches(
        sample_codes(3, PAGE_SIZE),
        np.arange(PAGE_SIZE, dtype=np.int64),
        np.zeros(PAGE_SIZE, np.int32),
        np.zeros(1, np.int64),
    )
    return World.of(searches, np.random.default_rng(3))


@pytest.mark.parametrize("how", Examination)
def test_what_a_page_earns_is_the_mean_of_many_students(world: World, how: Examination) -> None:
    page = world.searches.shown(np.zeros(1, np.int64))
    read = world.read(np.random.default_rng(4), np.repeat(page, 40_000, axis=0), Habits(how))
    gains = CLICK_GAIN * read.clicked + REQUEST_GAIN * read.asked
    found, error = gains.sum(axis=1).mean(), gains.sum(axis=1).std() / np.sqrt(len(gains))
    assert abs(world.earned(page, Habits(how)) - found) < 3 * error
    asked = world.expected(page, Habits(how)).asked
    assert np.abs(asked - read.asked.mean(axis=0)).max() < 0.01
