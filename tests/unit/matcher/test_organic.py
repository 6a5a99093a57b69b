"""Where listings stand in the organic order, asked in any order and however far down."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.match import Engine, draw
from matcher.organic import OrganicList
from matcher.score import Ranked
from models.domain.levels import EducationLevel, Format
from models.domain.matching import PAGE_SIZE, Answers, Sort
from tests.support.catalogs import a_slate
from tests.support.searches import searches

# The second has two tiers: near and, for all that is known, near.
CROWDED = (
    Answers(EducationLevel.STILL_IN_HIGH_SCHOOL, postal_code="10940"),
    Answers(EducationLevel.SOME_COLLEGE, postal_code="90012", max_distance_miles=500),
    Answers(EducationLevel.BACHELOR, region="TX", format=Format.ONLINE),
)


def ranked_for(engine: Engine, answers: Answers) -> Ranked:
    return draw(engine, a_slate(engine, answers)).ranked


def pages_of(ranked: Ranked, *, spread: bool) -> list[int]:
    organic = OrganicList(ranked, spread=spread)
    pages = [organic.page(number) for number in range(-(-ranked.count // PAGE_SIZE))]
    return [candidate for page in pages for candidate in page]


@settings(max_examples=60)
@given(st.data())
def test_a_place_is_where_the_pages_show_it(small: Engine, data: st.DataObject) -> None:
    answers = data.draw(searches())
    ranked, spread = ranked_for(small, answers), answers.sort is Sort.RELEVANCE
    in_order = pages_of(ranked, spread=spread)
    assert sorted(in_order) == list(range(ranked.count))
    organic = OrganicList(ranked, spread=spread)
    for candidate in data.draw(st.permutations(range(ranked.count))):
        [position] = organic.positions([candidate])
        assert in_order[position - 1] == candidate


@pytest.mark.parametrize("answers", CROWDED)
def test_a_place_far_down_is_where_the_pages_show_it(real: Engine, answers: Answers) -> None:
    ranked = ranked_for(real, answers)
    in_order = pages_of(ranked, spread=True)
    # Schools crowd the pages: many do not stand where their scores put them.
    apart = np.array(in_order) != ranked.first(ranked.count)
    assert apart.mean() > 0.01
    organic = OrganicList(ranked, spread=True)
    asked = np.random.default_rng(5).permutation(ranked.count)[:300].tolist()
    assert [in_order[position - 1] for position in organic.positions(asked)] == asked


def test_schools_are_known_from_the_order_alone(real: Engine) -> None:
    ranked = ranked_for(real, CROWDED[0])
    first = ranked.first(2_000)[:2_000]
    order = ranked.leading(2_000)
    assert (order == ranked.order.take(first)).all()
    assert (ranked.schools(order) == ranked.found.school.take(first)).all()
