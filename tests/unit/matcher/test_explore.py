"""Exploration draws what it says it draws, and nothing that it must not."""

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from matcher.explore import PLAIN, SHUFFLED, Arrangement, arrange
from models.domain.matching import PAGE_SIZE, SEEDS

KEPT_ORDER = (0, 4, 5, 3, 1, 2, 6, 8, 9, 7, 10, 11, 12, 13, 14, 15, 18, 17, 16, 19)
KEPT_PROPENSITY = "0x1.e573ac901e574p-17"

# Standings of first pages: all alike, none alike, in turns, mixed, short.
PAGES = {
    "alike": [1] * PAGE_SIZE,
    "none": list(range(PAGE_SIZE)),
    "turns": [1, 2] * 10,
    "mixed": [1, 1, 2, 1, 1, 2, 2, 1, 1, 1, 3, 3, 1, 1, 2, 2, 1, 1, 1, 1],
    "short": [1, 1, 1, 2, 1, 1, 2],
    "one": [4],
    "empty": [],
}
SMALL = {"alike": [1, 1, 1, 1], "mixed": [1, 2, 1, 1, 2], "longer": [1, 1, 1, 1, 2, 1]}


def drawn(page: list[int], share: float, seed: int) -> Arrangement:
    return arrange(np.array(page, np.int64), share, seed)


def seeds(count: int, share: float = 1.0) -> Iterator[int]:
    """Seeds spread evenly below ``share`` of all."""
    return (int((number + 0.5) / count * share * SEEDS) for number in range(count))


def all_chances(page: list[int], share: Fraction) -> dict[tuple[int, ...], Fraction]:
    """Every order and its probability, by going through all that chance can do."""
    m, places = len(page), range(len(page))
    chances: Counter[tuple[int, ...]] = Counter()
    chances[tuple(places)] += 1 - share  # type: ignore[assignment]
    for size in (2, SHUFFLED):
        for first in range(size):
            groups: dict[tuple[int, int], list[int]] = {}
            for place in places:
                groups.setdefault(((place - first) // size, page[place]), []).append(place)
            shuffles = [list(itertools.permutations(group)) for group in groups.values()]
            ways = math.prod(map(len, shuffles))
            for chosen in itertools.product(*shuffles):
                order = list(range(m))
                for group, shuffled in zip(groups.values(), chosen, strict=True):
                    for place, plain in zip(group, shuffled, strict=True):
                        order[place] = plain
                chances[tuple(order)] += share / 2 / size / ways  # type: ignore[assignment]
    return dict(chances)  # type: ignore[arg-type]


@pytest.mark.parametrize("page", SMALL.values(), ids=SMALL)
def test_probabilities_are_those_of_all_that_could_be_drawn(page: list[int]) -> None:
    share = Fraction(1, 4)
    chances = all_chances(page, share)
    assert sum(chances.values()) == 1
    stands: Counter[tuple[int, int]] = Counter()
    for order, chance in chances.items():
        for at in enumerate(order):
            stands[at] += chance  # type: ignore[assignment]
    found = {}
    for seed in seeds(3_000):
        arrangement = drawn(page, float(share), seed)
        found[arrangement.order] = arrangement.propensity
        exact = [float(stands[at]) for at in enumerate(arrangement.order)]
        assert arrangement.propensities == pytest.approx(exact, rel=1e-12)
    assert set(found) == set(chances)
    for order, propensity in found.items():
        assert propensity == pytest.approx(float(chances[order]), rel=1e-12)
    assert sum(found.values()) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("page", SMALL.values(), ids=SMALL)
def test_orders_come_as_often_as_they_say(page: list[int]) -> None:
    """Chi-square with fixed seeds, at one in a thousand."""
    share, count = 0.5, 6_000
    chance = np.random.default_rng(20261122)
    drawings = [drawn(page, share, int(chance.integers(SEEDS))) for _ in range(count)]
    seen = Counter(each.order for each in drawings)
    stated = {each.order: each.propensity * count for each in drawings}
    often = {order: n for order, n in stated.items() if n >= 5}
    rest = count - sum(often.values())
    differences = [(seen[order] - n) ** 2 / n for order, n in often.items()]
    if rest >= 5:
        others = sum(n for order, n in seen.items() if order not in often)
        differences.append((others - rest) ** 2 / rest)
    freedom = len(differences) - 1
    # Wilson and Hilferty's approximation of the upper 0.1 % of chi-square.
    limit = freedom * (1 - 2 / (9 * freedom) + 3.09 * math.sqrt(2 / (9 * freedom))) ** 3
    assert sum(differences) < limit


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_each_place_is_had_as_often_as_it_says(page: list[int]) -> None:
    chance = np.random.default_rng(5)
    count, m = 2_000, len(page)
    seen, stated = np.zeros((m, m)), np.zeros((m, m))
    for _ in range(count):
        arrangement = drawn(page, 0.8, int(chance.integers(SEEDS)))
        at = (np.arange(m), np.array(arrangement.order, int))
        seen[at] += 1
        stated[at] = arrangement.propensities
    # Whatever has a probability of note was seen, so all of them sum to 1.
    assert stated.sum(axis=1) == pytest.approx(np.ones(m), abs=0.03)
    assert np.abs(seen / count - stated).max(initial=0) < 0.045


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_each_place_shows_a_listing_of_the_standing_it_had(page: list[int]) -> None:
    moved = 0
    for seed in seeds(300):
        order = drawn(page, 1.0, seed).order
        assert sorted(order) == list(range(len(page)))
        assert [page[plain] for plain in order] == page
        assert all(abs(plain - place) < SHUFFLED for place, plain in enumerate(order))
        moved += order != tuple(range(len(page)))
    assert (moved > 60) is (max(Counter(page).values(), default=0) > 1)


def test_the_share_of_slates_is_explored_and_no_other() -> None:
    page = PAGES["mixed"]
    assert sum(drawn(page, 0.05, seed).explored for seed in seeds(1_000)) == 50
    assert not any(drawn(page, 0.0, seed).explored for seed in seeds(100))
    assert drawn(page, 1.0, SEEDS - 1).explored


def test_a_plain_slate_says_how_likely_it_was() -> None:
    arrangement = drawn(PAGES["alike"], 0.05, SEEDS - 1)
    assert not arrangement.explored
    assert arrangement.order == tuple(range(PAGE_SIZE))
    # Alone in the first cut of pairs, half in the other; 1, 1/5, 1/4, 1/3, 1/2 in those of five.
    stays = (
        Fraction(1, 2) * (1 + Fraction(1, 2)) / 2
        + Fraction(1, 2)
        * (Fraction(1, 5) + 1 + Fraction(1, 2) + Fraction(1, 3) + Fraction(1, 4))
        / 5
    )
    assert arrangement.propensities[0] == pytest.approx(0.95 + 0.05 * float(stays), rel=1e-12)
    assert 0.95 < arrangement.propensity < 0.951


def test_chance_never_touches_what_comes_after_the_first_page() -> None:
    arrangement = drawn(PAGES["alike"], 1.0, 12345)
    places = range(1, PAGE_SIZE + 2)
    assert arrangement.propensities_of(places)[-1] == PLAIN.propensities_of([1])[0] == 1.0
    plain = arrangement.plain_positions(places)
    assert plain[-1] is None
    assert {before or place for before, place in zip(plain, places, strict=True)} == set(places)


def test_the_same_seed_draws_the_same_on_any_machine() -> None:
    """Kept here as drawn once: what was served must come out again, bit for bit."""
    arrangement = drawn(PAGES["mixed"], 1.0, 3)
    assert arrangement.order == KEPT_ORDER
    assert arrangement.propensity.hex() == KEPT_PROPENSITY
    assert drawn(PAGES["mixed"], 1.0, 3) == arrangement
