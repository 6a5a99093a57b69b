"""Where payment may put a listing, and where it may not."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.bids import RELEVANCE_FLOOR, RESERVE_CENTS
from matcher.catalog import VERDICTS
from matcher.chances import Chances
from matcher.describe import row_of
from matcher.features.declared import CROSS, PLACES, REQUEST
from matcher.features.pack import pack
from matcher.match import Engine, draw, page
from matcher.steering import STEERING_BOUND, least_gain, steering_index
from models.domain.levels import EducationLevel, Format
from models.domain.matching import PAGE_SIZE, Answers, CampaignOffer, Listing, Sort
from tests.support.catalogs import a_slate, an_offer, match_page
from tests.support.searches import busy_markets, campaigns, searches

ANSWERS = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940")


def whole(engine: Engine, answers: Answers, offers: tuple[CampaignOffer, ...]) -> list[Listing]:
    drawn = draw(engine, a_slate(engine, answers, offers))
    pages = page(engine, drawn, 1).pages
    return [one for n in range(1, pages + 1) for one in page(engine, drawn, n).listings]


def chance(engine: Engine, listing: Listing) -> float:
    return chances(engine, listing).asked.item(0)


def chances(engine: Engine, listing: Listing) -> Chances:
    """By a listing's codes alone; ``test_chances`` holds the tables against the trees."""
    codes = [np.array([code], np.uint8) for code in listing.codes]
    cross, request = (
        pack(group, [codes[PLACES[feature.name]] for feature in group])
        for group in (CROSS, REQUEST)
    )
    row = np.array([row_of(engine.catalog, listing.program.id)], np.int32)
    return engine.scores.chances(request.item(0), row, cross)


def check_places(
    engine: Engine, answers: Answers, offers: tuple[CampaignOffer, ...]
) -> list[Listing]:
    """Hold every paid place of a slate against the rules of § 5; return the paid listings."""
    organic = whole(engine, answers, ())
    sponsored = [one for one in whole(engine, answers, offers) if one.sponsored]
    positions = [one.position for one in sponsored]
    assert all(position % PAGE_SIZE != 1 for position in positions)
    assert all(b - a >= 3 for a, b in pairwise(positions))
    on_page = [((one.position - 1) // PAGE_SIZE, one.school.unitid) for one in sponsored]
    assert len(on_page) == len(set(on_page))
    floor = RELEVANCE_FLOOR * chance(engine, organic[:10][-1]) if organic else 0.0
    by_version = {offer.version_id: offer for offer in offers}
    for one in sponsored:
        assert chance(engine, one) >= floor
        assert one.position < one.organic_position
        offer = by_version[one.campaign_version_id]  # type: ignore[index]
        assert offer.open
        assert one.school.unitid in offer.unitids
        assert not offer.cips or one.program.cip in offer.cips
        levels = offer.credential_levels
        assert not levels or one.program.credential_level in levels
        worth = chance(engine, one) * chances(engine, one).accepted.item(0) * offer.price_minor
        assert worth * offer.pacing * (0.73 if offer.currency == "CAD" else 1) >= RESERVE_CENTS
    return sponsored


@settings(max_examples=60)
@given(st.data())
def test_invariant_2_sponsored_listings_keep_their_places(
    small: Engine, data: st.DataObject
) -> None:
    """Invariant 2 and § 5: every paid place is marked and lawful, whatever campaigns offer."""
    answers = data.draw(searches(sort=Sort.RELEVANCE))
    sponsored = check_places(small, answers, data.draw(campaigns(small)))
    assert not (answers.hide_sponsored and sponsored)


@settings(max_examples=60)
@given(st.data())
def test_invariant_2_a_crowd_of_sponsors_keeps_its_places(
    small: Engine, data: st.DataObject
) -> None:
    """Invariant 2 where nearly every school pays and every place is fought for."""
    answers, offers = data.draw(busy_markets(small))
    assert check_places(small, answers, offers) or match_page(small, answers).total < 40


@settings(max_examples=60)
@given(st.data())
def test_the_steering_index_stays_within_its_bound(small: Engine, data: st.DataObject) -> None:
    answers, offers = data.draw(busy_markets(small))
    organic = gain_by_hand(small, match_page(small, answers).listings[:10])
    paid = match_page(small, answers, offers)
    shown = gain_by_hand(small, paid.listings[:10])
    expected = 1 - shown / organic if organic else 0.0
    assert expected <= 0.02 + 1e-9
    assert abs(paid.steering_index - expected) < 1e-9


def gain_by_hand(engine: Engine, listings: Sequence[Listing]) -> float:
    """DCG of the first ten places."""
    return sum(
        chance(engine, one) / math.log2(place + 1) for place, one in enumerate(listings[:10], 1)
    )


@settings(max_examples=80)
@given(st.data())
def test_invariant_13_payment_never_lifts_a_program_with_the_earnings_warning(
    small: Engine, data: st.DataObject
) -> None:
    """Invariant 13: nor does payment take its warning away."""
    answers = data.draw(searches(sort=Sort.RELEVANCE))
    everyone = an_offer(1, small.catalog.unitid.tolist(), price_minor=1_000_000)
    shown = whole(small, answers, (everyone, *data.draw(campaigns(small))))
    below = VERDICTS.index("below")
    for one in shown:
        row = row_of(small.catalog, one.program.id)
        warned = "below_high_school_earnings" in [note.code for note in one.warnings]
        assert warned == (small.catalog.verdict[row] == below)
        assert not (warned and one.sponsored)


@settings(max_examples=60)
@given(st.data())
def test_invariant_2_payment_never_jumps_over_what_was_asked_for(
    small: Engine, data: st.DataObject
) -> None:
    """A program whose format is not published stays after those whose is."""
    answers, offers = data.draw(busy_markets(small))
    answers = replace(answers, format=Format.CAMPUS, max_distance_miles=None)
    unknown = [one.program.format is None for one in whole(small, answers, offers)]
    assert unknown == sorted(unknown)


def test_the_higher_value_stands_higher(small: Engine) -> None:
    """Among bids that the bound lets stand anywhere, price decides the place."""
    organic = match_page(small, ANSWERS).listings
    schools = list(dict.fromkeys(one.school.unitid for one in organic[5:15]))[:3]
    offers = [
        an_offer(number, (unitid,), price_minor=1_000 * 3**number)
        for number, unitid in enumerate(schools)
    ]
    shown = [one for one in match_page(small, ANSWERS, offers).listings if one.sponsored]
    values = [
        chance(small, one) * next(o.price_minor for o in offers if one.school.unitid in o.unitids)
        for one in shown[:3]
    ]
    assert len(values) == 3
    assert values == sorted(values, reverse=True)


def test_a_campaign_that_is_paced_down_gives_way(small: Engine) -> None:
    organic = match_page(small, ANSWERS).listings
    one, two = list(dict.fromkeys(listing.school.unitid for listing in organic[5:15]))[:2]

    def first_sponsor(pacing: float) -> int:
        offers = [an_offer(1, (one,), pacing=pacing), an_offer(2, (two,), price_minor=2_000)]
        shown = match_page(small, ANSWERS, offers).listings
        return next(listing.school.unitid for listing in shown if listing.sponsored)

    assert (first_sponsor(1.0), first_sponsor(0.01)) == (one, two)
    offers = [an_offer(1, (one,), pacing=0.0)]
    assert not any(listing.sponsored for listing in match_page(small, ANSWERS, offers).listings)


def test_one_program_wanted_by_two_campaigns_goes_to_the_one_that_values_it_more(
    small: Engine,
) -> None:
    unitid = match_page(small, ANSWERS).listings[7].school.unitid
    cheap, dear = an_offer(1, (unitid,), price_minor=100), an_offer(2, (unitid,))
    for offers in ((cheap, dear), (dear, cheap)):
        shown = match_page(small, ANSWERS, offers).listings
        versions = {one.campaign_version_id for one in shown if one.sponsored}
        assert versions == {dear.version_id}


def test_steering_index_is_the_share_of_gain_taken() -> None:
    organic = [0.10, 0.08, 0.06, 0.04]
    assert steering_index(organic, organic) == 0
    assert steering_index(organic, [0.10, 0.04, 0.08, 0.06]) > 0
    assert steering_index([], []) == 0
    swapped = steering_index(organic, [0.08, 0.10, 0.06, 0.04])
    whole_gain = 0.10 + 0.08 * 0.63092975357 + 0.06 / 2 + 0.04 * 0.43067655807
    assert abs(swapped - (0.02 * (1 - 0.63092975357)) / whole_gain) < 1e-9


def test_the_least_gain_of_a_place_is_where_the_bound_is_met() -> None:
    organic = [0.1 - 0.005 * place for place in range(12)]
    least = least_gain(organic, organic[:1], organic[1:])
    shown = [organic[0], least, *organic[1:]]
    assert abs(steering_index(organic, shown) - STEERING_BOUND) < 1e-9
