"""What prices are made from: chances of known truth are found, in any place, and only there."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.chances import CHANCES
from matcher.features.declared import PLACES
from matcher.learn.canonical import dump, load, untrusted_types
from matcher.learn.dataset import Priced
from matcher.learn.debias import Looked, Reading
from matcher.learn.prices import LEAST_OF_EACH, Prices, fit_prices
from matcher.learn.prior import sample_codes
from matcher.learn.trees import Growing, columns_of, distinct
from models.domain.matching import PAGE_SIZE

PAGES = 6_000
CONTROL, EARNINGS = PLACES["control"], PLACES["earnings"]
# Fewer look at each place than at the one before it, down to three in ten.
ATTENTION = np.maximum(0.8 ** np.arange(PAGE_SIZE), 0.3)
Codes = NDArray[np.uint8]
Numbers = NDArray[np.float64]


def clicked_when_seen(codes: Codes) -> Numbers:
    rates: Numbers = np.array([0.5, 0.25, 0.1])[codes[:, CONTROL]]
    return rates


def asked_when_clicked(codes: Codes) -> Numbers:
    rates: Numbers = 0.2 + 0.08 * codes[:, EARNINGS].astype(np.float64)
    return rates


def accepted_when_asked(codes: Codes) -> Numbers:
    rates: Numbers = np.array([0.9, 0.7, 0.3])[codes[:, CONTROL]]
    return rates


def seen_pages(seed: int, pages: int = PAGES, first: int = 0) -> Priced:
    """Pages of listings of few kinds; those in sponsored places teach as the others do."""
    chance = np.random.default_rng(seed)
    count = pages * PAGE_SIZE
    kinds = sample_codes(5, 200)
    codes = kinds[chance.integers(len(kinds), size=count)]
    bucket = np.tile(np.arange(PAGE_SIZE, dtype=np.int16), pages)
    looked = chance.random(count) < ATTENTION[bucket]
    clicked = looked & (chance.random(count) < clicked_when_seen(codes))
    could_ask = chance.random(count) < 0.8
    requested = clicked & could_ask & (chance.random(count) < asked_when_clicked(codes))
    return Priced(
        codes=codes,
        query=np.repeat(np.arange(pages, dtype=np.int32) + first, PAGE_SIZE),
        bucket=bucket,
        clicked=clicked,
        requested=requested,
        could_ask=could_ask | requested,
        weight=np.ones(count),
        sponsored=chance.random(count) < 0.2,
        accepted=requested & (chance.random(count) < accepted_when_asked(codes)),
        settled=requested & (chance.random(count) < 0.9),
    )


@pytest.fixture(scope="module")
def looked() -> Looked:
    """How these pages are read, as ``find_reading`` would find it out."""
    codes, _ = distinct(sample_codes(5, 200))
    growing = Growing(codes, 1)
    growing.grow(clicked_when_seen(codes), np.full(len(codes), 500.0), 60)
    reading = Reading(np.tile(ATTENTION, (2, 1)), np.ones((2, 3)))
    return Looked(reading, growing, 0.4, np.ones(1), np.ones(2 * PAGE_SIZE))


@pytest.fixture(scope="module")
def prices(looked: Looked) -> Prices:
    return fit_prices(seen_pages(1), seen_pages(2, PAGES // 3, PAGES), looked, 1)


def test_each_chance_is_found_whatever_the_place(prices: Prices) -> None:
    codes = sample_codes(5, 200)
    found = prices.forests.chances(codes)
    wanted = clicked_when_seen(codes) * asked_when_clicked(codes)
    assert found.asked.mean() == pytest.approx(wanted.mean(), rel=0.08)
    assert np.abs(found.asked / wanted - 1).mean() < 0.15
    assert np.abs(found.accepted / accepted_when_asked(codes) - 1).mean() < 0.15
    told = {name: each["made_of"] for name, each in prices.card.items()}
    assert all(made_of.endswith(" trees") for made_of in map(str, told.values())), told


def test_trees_as_arrays_say_what_scikit_learn_predicts(prices: Prices) -> None:
    codes = sample_codes(6, 2_000)
    click, request, acceptance = (
        prices.estimators[name].predict_proba(columns_of(codes))[:, 1] for name in CHANCES
    )
    found = prices.forests.chances(codes)
    assert np.abs(found.asked / (click * request) - 1).max() < 3e-3
    assert np.abs(found.accepted / acceptance - 1).max() < 2e-3


def test_rows_of_sponsored_places_teach_prices(looked: Looked, prices: Prices) -> None:
    rows = seen_pages(1)
    turned = replace(rows, accepted=np.where(rows.sponsored, ~rows.accepted, rows.accepted))
    other = fit_prices(turned, seen_pages(2, PAGES // 3, PAGES), looked, 1)
    codes = sample_codes(5, 200)
    apart = other.forests.chances(codes).accepted - prices.forests.chances(codes).accepted
    assert np.abs(apart).mean() > 0.05


def test_where_little_happened_one_rate_serves_all(looked: Looked) -> None:
    few = seen_pages(3, 15)
    prices = fit_prices(few, seen_pages(4, 5, 15), looked, 1)
    assert prices.estimators.keys() == set()
    found = prices.forests.chances(sample_codes(5, 200))
    assert len(set(found.asked)) == len(set(found.accepted)) == 1
    settled = int((few.requested & few.settled).sum())
    assert settled < LEAST_OF_EACH
    # As if fifty requests more were known, of which six in ten were accepted.
    rate = (few.accepted[few.settled].sum() + 30) / (settled + 50)
    assert found.accepted[0] == pytest.approx(rate, rel=1e-3)


def test_the_same_rows_give_the_same_bytes(looked: Looked, prices: Prices) -> None:
    again = fit_prices(seen_pages(1), seen_pages(2, PAGES // 3, PAGES), looked, 1)
    for name in CHANCES:
        data = dump(prices.estimators[name])
        assert dump(again.estimators[name]) == data
        assert untrusted_types(data) == []
        codes = columns_of(sample_codes(7, 100))
        same = load(data).predict_proba(codes) == prices.estimators[name].predict_proba(codes)
        assert same.all()
