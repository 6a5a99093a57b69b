"""Measures beside hands that compute: calibration, drift, exposure, segments, the split."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from matcher.features.declared import FEATURES, PLACES
from matcher.learn.calibrated import BINS, reliability
from matcher.learn.dataset import Examples
from matcher.learn.drift import code_counts, drift
from matcher.learn.exposure import Scored, exposure_shares, favours
from matcher.learn.fit import split
from matcher.learn.resample import resampled_totals
from matcher.learn.segments import judge_segments
from tests.support.traffic import Log

Chance = np.random.Generator


@pytest.fixture
def chance() -> Chance:
    return np.random.default_rng(8)


def some_examples(searches: int, each: int = 10, **changes: object) -> Examples:
    """Listings without any meaning, for columns to be set."""
    count = searches * each
    sizes = np.array([feature.size for feature in FEATURES])
    values = Examples(
        codes=(np.random.default_rng(9).random((count, len(FEATURES))) * sizes).astype(np.uint8),
        query=np.repeat(np.arange(searches, dtype=np.int32), each),
        bucket=np.tile(np.arange(each, dtype=np.int16), searches),
        propensity=np.ones(count),
        organic=np.tile(np.arange(1, each + 1, dtype=np.int32), searches),
        clicked=np.zeros(count, bool),
        requested=np.zeros(count, bool),
        could_ask=np.ones(count, bool),
        unitid=np.tile(np.arange(100, 100 + each), searches),
        cip=np.full(count, "5107"),
        advertised=np.zeros(count, bool),
    )
    return replace(values, **changes)  # type: ignore[arg-type]


def test_true_chances_are_calibrated_and_inflated_ones_are_not(chance: Chance) -> None:
    query = np.repeat(np.arange(4_000, dtype=np.int32), 10)
    chances = chance.uniform(0.01, 0.2, len(query))
    happened = chance.random(len(query)) < chances
    true, inflated = (reliability(query, c, happened, 1) for c in (chances, chances * 1.5))
    assert true is not None
    assert inflated is not None
    assert true.ece <= true.by_chance < inflated.ece
    assert inflated.ece == pytest.approx(0.5 * chances.mean(), rel=0.1)
    low, high = inflated.ece_interval
    assert low <= inflated.ece <= high
    assert true.log_loss < inflated.log_loss
    assert true.log_loss < true.log_loss_constant
    assert true.count.tolist() == [len(query) // BINS] * BINS
    assert reliability(query[:0], chances[:0], happened[:0], 1) is None


def test_drift_is_what_a_hand_computes_and_nothing_for_the_same() -> None:
    before, now = {"a": [900, 100], "b": [5, 5]}, {"a": [500, 500], "b": [5, 5], "c": [1]}
    found = drift(before, now)
    assert found["a"] == pytest.approx((0.5 - 0.9) * np.log(5 / 9) + 0.4 * np.log(5), abs=0.01)
    assert found["b"] == 0
    # A feature that the other side counted differently, or not at all, cannot be compared.
    assert set(found) == {"a", "b"}
    counts = code_counts(some_examples(3).codes)
    assert all(sum(each) == 30 for each in counts.values())
    assert set(counts) == set(PLACES)


def test_exposure_is_shared_by_places_not_by_count() -> None:
    examples = some_examples(1, 2, advertised=np.array([False, True]))
    shares = exposure_shares(examples, np.array([1.0, 0.0]), {"new": np.array([1.0, 2.0])})
    first, second = 1.0, 1 / np.log2(3)
    expected = first / (first + second)
    assert shares["advertiser"]["advertisers"]["new"] == pytest.approx(expected, abs=1e-4)
    assert shares["advertiser"]["others"]["earned"] == 1
    assert sum(group["new"] for group in shares["control"].values()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("lift", "ratio"), [(0.0, 1.0), (0.5, np.exp(-0.5))])
def test_who_stands_higher_than_they_earn_is_seen(
    chance: Chance, lift: float, ratio: float
) -> None:
    examples = some_examples(6_000)
    paid = examples.unitid == 103
    examples = replace(examples, advertised=paid)
    wish = chance.normal(0, 1, len(paid))
    attention = np.full(len(paid), 0.5)
    gains = (chance.random(len(paid)) < 0.5 * 0.05 * np.exp(wish)).astype(float)
    found = favours(Scored(examples, gains, attention, wish + lift * paid), 1)
    assert [each.name for each in found] == ["advertisers", "103"]
    assert found[0].ratio == pytest.approx(ratio, rel=0.2)
    assert found[0].low is not None
    assert found[0].high is not None
    assert found[0].low <= ratio * 1.1
    assert found[0].high >= ratio * 0.9


def test_an_advertiser_who_earned_too_little_is_said_to_be_too_small() -> None:
    examples = some_examples(20)
    gains = np.ones(len(examples))
    scored = Scored(examples, gains, gains, gains)
    assert [each.document() for each in favours(scored, 1)] == [
        {"name": "advertisers", "gains": 0, "too_small": True}
    ]


def test_segments_find_who_is_served_worse_and_say_who_are_too_few(chance: Chance) -> None:
    examples = some_examples(400)
    level = PLACES["education_level"]
    codes = examples.codes.copy()
    codes[:, level] = np.where(examples.query < 390, examples.query % 2, 5)
    examples = replace(examples, codes=codes)
    wish = chance.normal(0, 1, len(examples))
    gains = (chance.random(len(wish)) < 0.2 * np.exp(wish - 1)).astype(float)
    spoiled = np.where(codes[:, level] == 1, -wish, wish)
    states = {100 + each: "NY" if each < 5 else "NJ" for each in range(9)}
    found = {
        (each.kind, each.name): each
        for each in judge_segments(examples, gains, (spoiled, wish), states, 1)
    }
    first, second, few = (found["level", FEATURES[level].labels[code]] for code in (0, 1, 5))
    assert first.apart is not None
    assert second.apart is not None
    assert (first.apart.value, first.apart.error) == (0, 0)
    assert second.apart.high < 0
    assert few.document()["too_small"] is True
    assert {kind for kind, _ in found} == {
        "level", "wished_format", "control", "format", "field", "state", "rural"
    }  # fmt: skip
    assert {name for kind, name in found if kind == "state"} == {"NY", "NJ"}


def test_searches_stay_whole_and_the_newest_judge(log: Log) -> None:
    pages = [
        replace(page, at=page.at - timedelta(hours=number)) for number, page in enumerate(log.pages)
    ]
    dataset = replace(log, pages=pages).dataset()
    parts = split(dataset, 1)
    moments = np.array([moment.timestamp() for moment in dataset.moments])
    queries = [set(p.query.tolist()) for p in (parts.fitting, parts.calibrating, parts.judging)]
    assert not queries[0] & queries[1] | queries[0] & queries[2] | queries[1] & queries[2]
    newest = moments[list(queries[2])].min()
    assert newest > max(moments[list(queries[0])].max(), moments[list(queries[1])].max())
    count = len(dataset.slates)
    assert len(queries[2]) == round(0.2 * count)
    # One in five of the older four fifths, drawn by their ids.
    assert 0.12 * count < len(queries[1]) < 0.2 * count


def test_searches_drawn_anew_scatter_as_they_should(chance: Chance) -> None:
    values = chance.normal(3.0, 1.0, (1, 900))
    totals = resampled_totals(values, 1)[:, 0]
    assert totals.mean() / 900 == pytest.approx(values.mean(), abs=0.02)
    assert totals.std() / 900 == pytest.approx(1 / np.sqrt(900), rel=0.2)
