"""Chances are read off tables: the same, to the last bit, as trees and codes say."""

import numpy as np
import pytest

from matcher.bids import chances_for
from matcher.chances import ChanceForests, chances_of
from matcher.features.declared import CROSS, PLACES, PROGRAM, REQUEST
from matcher.features.pack import pack
from matcher.forest import SCALE
from matcher.learn.flatten import flatten
from matcher.learn.prices import one_rate
from matcher.learn.prior import sample_codes
from matcher.learn.trees import fit_rates
from matcher.match import Engine, draw, page
from matcher.registry import Scores
from models.domain.levels import EducationLevel, Format
from models.domain.matching import Answers
from tests.support.catalogs import a_slate


@pytest.mark.parametrize("level", [EducationLevel.HIGH_SCHOOL, EducationLevel.BACHELOR])
def test_tables_say_what_the_trees_say(small: Engine, level: EducationLevel) -> None:
    answers = Answers(level, postal_code="10940", format=Format.ONLINE)
    drawn = draw(small, a_slate(small, answers))
    listings = [one for at in (1, 2) for one in page(small, drawn, at).listings]
    codes = np.array([one.codes for one in listings], np.uint8)
    shown = [placed.candidate for placed in drawn.allocation.shown[: len(listings)]]
    read = chances_for(small.scores, drawn.ranked, np.array(shown))
    walked = small.ranker.chances.chances(codes)
    assert read.asked.tolist() == walked.asked.tolist()
    assert read.accepted.tolist() == walked.accepted.tolist()
    assert len(set(read.asked.tolist())) > 5


def test_a_chance_is_right_to_a_thousandth_of_itself_and_stays_a_chance() -> None:
    rates = np.array([1e-6, 0.002, 0.08, 0.5, 0.97])
    for rate in rates:
        codes = np.zeros((1, len(PLACES)), np.uint8)
        found = ChanceForests(one_rate(rate), one_rate(0.25), one_rate(0.6)).chances(codes)
        assert found.asked[0] == pytest.approx(rate * 0.25, rel=2e-3)
        assert found.accepted[0] == pytest.approx(0.6, rel=1e-3)
    far = chances_of(np.array([[-100 * SCALE] * 3, [100 * SCALE] * 3], np.int32))
    assert (far.asked > 0).all()
    assert (far.asked < 1).all()


def test_both_halves_are_read_for_the_request_that_is_asked() -> None:
    """Trees that ask for the level beside what the program is, and beside how far it is."""
    codes = sample_codes(61, 3_000)
    level, miles, earnings = (
        codes[:, PLACES[name]].astype(float) for name in ("education_level", "distance", "earnings")
    )
    near = flatten(fit_rates(codes, 1 + level * (12 - miles), np.ones(len(codes)), 20, 1))
    paid = flatten(fit_rates(codes, 1 + level * earnings, np.ones(len(codes)), 20, 1))
    forests = ChanceForests(near, paid, near)
    program, cross, request = (
        [codes[:50, PLACES[feature.name]] for feature in group]
        for group in (PROGRAM, CROSS, REQUEST)
    )
    nothing, rows = np.zeros((0, 0), np.int32), np.arange(50, dtype=np.int32)
    unsigned = rows.astype(np.uint16)
    scores = Scores(nothing, unsigned, nothing, nothing, *forests.tabulate(program, cross))
    walked = forests.chances(codes[:50])
    for row, asks in enumerate(pack(REQUEST, request).tolist()):
        read = scores.chances(asks, rows[row : row + 1], rows[row : row + 1])
        assert read.asked[0] == walked.asked[row]
        assert read.accepted[0] == walked.accepted[row]
    assert len(set(walked.asked.tolist())) > 20
