"""What is an alarm: what moved for sure, and nothing that chance may have done."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matcher.chances import ChanceForests
from matcher.features.declared import FEATURES, PLACES
from matcher.learn.drift import code_counts
from matcher.learn.prices import one_rate
from matcher.learn.watch import LEAST_AT_EITHER_END, LEAST_SEARCHES, SinceServing, watch_champion
from models.domain.watch import ServedListing, WatchFigure

BASE = 0.05
LEVEL, DISTANCE = PLACES["education_level"], PLACES["distance"]


def served(searches: int, rate: float = BASE, seed: int = 1, **codes: int) -> list[ServedListing]:
    """Ten listings a search, asked for at a rate; features even, or one of them of one code."""
    chance = np.random.default_rng(seed)
    found = []
    for search in range(searches):
        level = int(chance.integers(FEATURES[LEVEL].size))
        for place in range(10):
            row = [int(chance.integers(feature.size)) for feature in FEATURES]
            row[LEVEL] = level
            for name, code in codes.items():
                row[PLACES[name]] = code
            asked = bool(chance.random() < rate)
            found.append(ServedListing(search, row, place, True, asked, True))
    return found


def since(newest: list[ServedListing], **others: Any) -> SinceServing:
    return replace(SinceServing(newest, newest, 1_000, 0.001), **others)


def alarms(came: SinceServing) -> set[str]:
    return {figure.name for figure in watch_champion(CARD, CHANCES, came) if figure.alarm}


CARD = {
    "codes_fitted": code_counts(np.array([one.codes for one in served(800, seed=9)], np.uint8)),
    "metrics": {"reliability": {"base_rate": BASE, "listings": 5_000}},
    "attention": {"places_with_impressions": [1.0] * 20, "places_without": [1.0] * 20},
}
# A click of any listing always brings a request.
CHANCES = ChanceForests(one_rate(BASE), one_rate(1 - 1e-6), one_rate(0.5))


def test_what_is_as_it_was_alarms_nobody() -> None:
    for seed in range(3):
        assert alarms(since(served(400, seed=seed))) == set()


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        (since(served(400, education_level=1)), "students"),
        (since(served(400, distance=0), first=served(400, seed=2)), "listings"),
        (since(served(400, rate=BASE / 3)), "requests"),
        (since(served(400, rate=BASE * 3)), "calibration"),
        (since(served(400), steering=0.021), "steering"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_moved_for_sure_is_named(came: SinceServing, expected: str) -> None:
    found = {figure.name: figure for figure in watch_champion(CARD, CHANCES, came)}
    assert found[expected].alarm
    if expected in {"students", "listings"}:
        assert alarms(came) == {expected}
        assert found[expected].about in {"education_level", "distance"}


def test_requests_are_told_beside_what_was_judged() -> None:
    came = served(400, rate=0.06)
    found: dict[str, WatchFigure] = {f.name: f for f in watch_champion(CARD, CHANCES, since(came))}
    rate = sum(one.requested for one in came) / len(came)
    assert (found["requests"].value, found["requests"].judged) == (rate, BASE)
    # A chance is looked up to a thousandth of itself.
    assert found["calibration"].value == pytest.approx(rate / BASE, rel=2e-3)


def test_too_little_tells_nothing() -> None:
    few = served(LEAST_SEARCHES - 1, rate=0.9, education_level=1)
    found = watch_champion(CARD, CHANCES, since(few))
    assert [f.value for f in found if f.name not in {"listings", "steering"}] == [None] * 3
    assert not any(figure.alarm for figure in found)
    short = served(LEAST_AT_EITHER_END - 1, seed=2)
    assert "listings" not in alarms(since(served(400, distance=0), first=short))


def test_a_prior_has_nothing_to_be_held_against() -> None:
    found = watch_champion({}, CHANCES, since(served(400, education_level=1)))
    told = {figure.name for figure in found if figure.value is not None}
    assert told == {"listings", "steering"}
