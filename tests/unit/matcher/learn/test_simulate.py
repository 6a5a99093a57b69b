"""The simulator: who comes, what they want, what they do; all of it known and repeatable."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.features.declared import FEATURES, PLACES
from matcher.learn.prior import sample_codes
from matcher.learn.rules import rule_scores
from matcher.learn.simulate_clicks import attention
from matcher.learn.simulate_students import CANADIANS, LEVELS, NOT_SURE, Population
from matcher.learn.simulate_truth import (
    WANTS,
    Tastes,
    acceptance_chances,
    school_qualities,
    truth_table,
    wishes,
)
from matcher.learn.simulate_visits import MOST_REQUESTS, Act, PageSeen, game_page, visit_page
from matcher.match import Engine
from models.domain.levels import EducationLevel, may_enter
from models.domain.slates import EventKind
from tests.support.traffic import EXACT, population_of

PROJECT = Path(__file__).parents[4]
COMING = 4_000


@pytest.fixture(scope="module")
def population(small: Engine) -> Population:
    return population_of(small)


def a_page(count: int = 20, *, askable: bool = True) -> PageSeen:
    return PageSeen(
        np.tile(sample_codes(3, 1), (count, 1)),
        np.arange(100_000, 100_000 + count),
        np.full(count, askable),
    )


def test_a_student_is_a_function_of_a_seed_and_a_number(population: Population) -> None:
    def come(seed: int) -> list[object]:
        return [population.draw(np.random.default_rng([seed, n])) for n in range(50)]

    assert come(1) == come(1)
    assert come(1) != come(2)


def test_students_come_from_places_of_the_catalog_for_what_they_may_enter(
    small: Engine, population: Population
) -> None:
    chance = np.random.default_rng(5)
    students = [population.draw(chance) for _ in range(COMING)]
    taught = {
        (small.catalog.cips[f], tuple(FEATURES[PLACES["credential"]].labels)[c])
        for f, c in zip(small.catalog.field, small.catalog.credential, strict=True)
    }
    for student in students:
        place = student.postal_code
        assert (place is None) == (student.region is not None)
        assert place is None or small.places.find(place) is not None
        if student.field is not None:
            level = student.education_level
            assert any(may_enter(level, c, cip) for cip, c in taught if cip == student.field)
    share = Counter(student.education_level for student in students)
    for level, expected in zip(EducationLevel, LEVELS, strict=True):
        assert share[level] / COMING == pytest.approx(expected, abs=0.03)
    unsure = sum(student.field is None and student.query is None for student in students)
    assert unsure / COMING == pytest.approx(NOT_SURE, abs=0.03)
    codes = [s.postal_code for s in students if s.postal_code is not None]
    canadian = sum(code.country == "CA" for code in codes)
    assert canadian / len(codes) == pytest.approx(CANADIANS, abs=0.01)


def test_everyday_names_are_typed_only_where_there_are_some(small: Engine) -> None:
    names = {cip: ("coder",) if cip == "51.07" else () for cip in small.catalog.cips}
    catalog = small.catalog
    population = Population(catalog.regions, catalog.cips, small.index, small.places, names)
    chance = np.random.default_rng(6)
    students = [population.draw(chance) for _ in range(500)]
    assert {student.query for student in students} == {None, "coder"}
    assert all(student.field is None for student in students if student.query)


def test_the_truth_is_not_the_priors_rules() -> None:
    """So that there is something to learn."""
    codes = sample_codes(21, 5_000)
    agreement = np.corrcoef(wishes(codes), rule_scores(codes))[0, 1]
    assert 0.1 < agreement < 0.8


def test_wishes_drift_from_distance_to_earnings() -> None:
    codes = sample_codes(22, 4_000)
    before, after = wishes(codes), wishes(codes, 1.0)
    assert (wishes(codes, 0.0) == before).all()
    near = codes[:, PLACES["distance"]] == 0
    rich = codes[:, PLACES["earnings"]] == 7
    moved = after - before
    assert moved[near & rich].mean() < moved[~near & rich].mean()
    assert moved[rich].mean() == pytest.approx(moved.mean() + 1.4, abs=0.4)
    alike = codes.copy()
    alike[:, PLACES["distance"]] = 3
    assert (wishes(alike, 1.0) == wishes(codes, 1.0)).all()


def test_more_come_from_high_school_in_autumn(population: Population) -> None:
    def share(month: int) -> float:
        chance = np.random.default_rng(12)
        come = [population.draw(chance, month).education_level for _ in range(1_500)]
        return come.count(EducationLevel.STILL_IN_HIGH_SCHOOL) / len(come)

    assert share(10) > 1.7 * share(4)


def test_a_schools_helpers_click_on_it_and_ask_nobody() -> None:
    page = a_page()
    acts = game_page(page, 100_003)
    assert [act.row for act in acts if act.kind is EventKind.CLICK] == [3]
    assert len([act for act in acts if act.kind is EventKind.IMPRESSION]) == 20
    assert not _requests(acts)


def test_every_table_has_a_weight_for_every_code() -> None:
    for name, weights in WANTS.items():
        assert len(weights) == FEATURES[PLACES[name]].size, name


def test_listings_further_down_are_clicked_less_though_wanted_the_same() -> None:
    chance = np.random.default_rng(7)
    clicks, seen = np.zeros(20), np.zeros(20)
    for _ in range(6_000):
        for act in visit_page(chance, a_page(), EXACT, MOST_REQUESTS):
            clicks[act.row] += act.kind is EventKind.CLICK
            seen[act.row] += act.kind is EventKind.IMPRESSION
    rate = clicks / seen
    assert seen[0] == 6_000 > seen[10] > seen[19] > 0
    # A click needs a look: the rate on the screen fades as attention does.
    assert rate[9] / rate[0] == pytest.approx(attention()[9], abs=0.06)


def test_nobody_is_asked_who_cannot_be_and_never_more_than_a_few() -> None:
    chance = np.random.default_rng(8)
    willing = PageSeen(
        np.tile(_most_wanted(), (20, 1)), np.arange(20) + 100_000, np.full(20, fill_value=True)
    )
    asked = [_requests(visit_page(chance, willing, EXACT, 2)) for _ in range(300)]
    assert max(asked) == 2
    deaf = PageSeen(willing.codes, willing.unitids, ~willing.can_be_asked)
    assert sum(_requests(visit_page(chance, deaf, EXACT, 4)) for _ in range(100)) == 0


def test_what_happens_follows_from_what_happened_before() -> None:
    chance = np.random.default_rng(9)
    for _ in range(500):
        kinds: dict[int, list[EventKind]] = {}
        for act in visit_page(chance, a_page(), Tastes(), MOST_REQUESTS):
            kinds.setdefault(act.row, []).append(act.kind)
        for told in kinds.values():
            # Seen, clicked, started, asked and answered: each only after the one before.
            answered = [*list(EventKind)[:4], told[-1]]
            assert told == answered[: len(told)]
            assert len(told) in {1, 2, 5}
            assert len(told) < 5 or told[-1] in {EventKind.ACCEPTED, EventKind.REJECTED}


def test_schools_answer_at_once_or_days_later_and_the_same() -> None:
    def answers(days: float) -> tuple[list[EventKind], list[float]]:
        chance, told = np.random.default_rng(10), []
        for _ in range(400):
            told += visit_page(chance, a_page(), replace(EXACT, answer_days=days), MOST_REQUESTS)
            chance = np.random.default_rng(len(told))
        late = [act for act in told if act.kind in {EventKind.ACCEPTED, EventKind.REJECTED}]
        assert not any(act.days for act in told if act not in late)
        return [act.kind for act in late], [act.days for act in late]

    at_once, none = answers(0)
    later, days = answers(6.0)
    assert (later, set(none)) == (at_once, {0.0})
    assert len(set(later)) == 2
    assert np.mean(days) == pytest.approx(6, rel=0.25)


def test_schools_have_habits_that_stay_the_same() -> None:
    unitids = np.arange(100_000, 110_000)
    assert (school_qualities(unitids, 0.3) == school_qualities(unitids, 0.3)).all()
    assert school_qualities(unitids, 0.3).std() == pytest.approx(0.3, rel=0.05)
    assert school_qualities(unitids, 0.3).mean() == pytest.approx(0, abs=0.02)
    chances = acceptance_chances(unitids)
    assert 0.2 < chances.min() < 0.35
    assert 0.85 < chances.max() < 0.95


def test_an_empty_page_is_left_again() -> None:
    assert visit_page(np.random.default_rng(1), a_page(0), EXACT, 4) == []


def test_the_truth_is_published_as_it_is() -> None:
    assert truth_table() in (PROJECT / "docs" / "learning.md").read_text()


def _most_wanted() -> NDArray[np.uint8]:
    codes = sample_codes(10, 2_000)
    return codes[[int(np.argmax(wishes(codes)))]]


def _requests(acts: Sequence[Act]) -> int:
    return sum(act.kind is EventKind.REQUEST for act in acts)
