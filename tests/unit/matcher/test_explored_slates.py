"""A slate that is explored: what chance may not touch, and that it comes out again as served."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks._counsellor import count_against, read_searches
from benchmarks._load import a_slate as slate_of
from benchmarks.relevance import ours, read
from matcher.bids import chances_for
from matcher.features.declared import FEATURES, FORMAT_DIFFERS, NO_WISH
from matcher.fields import FieldIndex
from matcher.match import Engine, draw, page
from matcher.replay import served_differently
from matcher.standing import fit_standing, own_standing
from matcher.steering import steering_index
from models.domain.levels import EducationLevel
from models.domain.matching import PAGE_SIZE, SEEDS, Answers, Listing, Slate, Sort
from models.domain.slates import page_record, read_slate, slate_document
from tests.support.catalogs import a_slate
from tests.support.searches import campaigns, searches

ANSWERS = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940", region="NY", fields=("51.38",))


def explored(slate: Slate, seed: int = 1) -> Slate:
    return replace(slate, explore_share=1.0, explore_seed=seed)


def whole(engine: Engine, slate: Slate) -> list[Listing]:
    drawn = draw(engine, slate)
    pages = range(1, page(engine, drawn, 1).pages + 1)
    return [one for number in pages for one in page(engine, drawn, number).listings]


def organic(listings: list[Listing]) -> list[tuple[str, float]]:
    in_order = sorted(listings, key=lambda one: one.organic_position)
    return [(one.program.id, one.propensity) for one in in_order]


@settings(max_examples=60)
@given(st.data())
def test_invariant_1_no_campaign_changes_what_chance_draws(
    small: Engine, data: st.DataObject
) -> None:
    """Invariant 1: whoever pays, chance draws the same organic order with the same propensities."""
    answers, offers = data.draw(searches()), data.draw(campaigns(small))
    seed = data.draw(st.integers(0, SEEDS - 1))
    order = organic(whole(small, explored(a_slate(small, answers), seed)))
    for campaign_set in (offers, offers[1:], tuple(reversed(offers))):
        slate = explored(a_slate(small, answers, campaign_set), seed)
        assert organic(whole(small, slate)) == order


def test_chance_moves_the_first_page_alone_and_nothing_else_of_a_listing(small: Engine) -> None:
    plain = whole(small, a_slate(small, ANSWERS))
    places = {one.program.id: one for one in plain}
    moved = 0
    for seed in range(40):
        listings = whole(small, explored(a_slate(small, ANSWERS), seed))
        assert listings[PAGE_SIZE:] == plain[PAGE_SIZE:]
        for one in listings:
            before = places[one.program.id]
            assert (one.plain_position or one.organic_position) == before.organic_position
            back = one._replace(
                position=before.position,
                organic_position=before.organic_position,
                propensity=1.0,
                plain_position=None,
            )
            assert back == before
            moved += one.plain_position is not None
    assert moved > 40


def test_a_slate_that_is_not_explored_is_the_plain_one(small: Engine) -> None:
    slate = a_slate(small, ANSWERS)
    plain = whole(small, slate)
    assert {one.propensity for one in plain} == {1.0}
    unlucky = replace(slate, explore_share=0.05, explore_seed=SEEDS - 1)
    listings = whole(small, unlucky)
    assert [one._replace(propensity=1.0) for one in listings] == plain
    assert all(0.95 < one.propensity <= 1 for one in listings)
    assert min(one.propensity for one in listings) < 1
    shown = page(small, draw(small, unlucky), 1)
    assert not shown.explored
    assert 0.95 < shown.draw_propensity < 1


@pytest.mark.parametrize("sort", [Sort.DISTANCE, Sort.NET_PRICE, Sort.EARNINGS])
def test_a_chosen_sort_is_never_explored(small: Engine, sort: Sort) -> None:
    slate = a_slate(small, replace(ANSWERS, sort=sort))
    for seed in range(10):
        assert whole(small, explored(slate, seed)) == whole(small, slate)


def test_warnings_stand_where_they_stood(real: Engine) -> None:
    """Invariant 13: chance lifts nothing that has a warning."""
    warned = 0
    for cip in ("12.04", "51.35", "51.08", "51.07", "47.06", "19.07", "13.12"):
        slate = a_slate(real, replace(ANSWERS, fields=(cip,)))
        before = warnings(real, slate)
        warned += sum(map(bool, before))
        for seed in range(40):
            assert warnings(real, explored(slate, seed)) == before
    assert warned >= 10


def warnings(engine: Engine, slate: Slate) -> list[tuple[str, ...]]:
    listings = page(engine, draw(engine, slate), 1).listings
    return [tuple(note.code for note in one.warnings) for one in listings]


@pytest.mark.parametrize(
    ("feature", "one", "other"),
    [
        ("credential", 1, 2),
        ("verdict", 1, 2),
        ("completers", 1, 2),
        ("state", 1, 2),
        ("distance", 5, 6),
        ("format_fit", NO_WISH, FORMAT_DIFFERS),
    ],
)
def test_what_a_standing_is_made_of(feature: str, one: int, other: int) -> None:
    codes = {each.name: np.zeros(2, np.uint8) for each in FEATURES}
    for name, places in {"earnings": (1, 2), "completers": (3, 4), feature: (one, other)}.items():
        codes[name] = np.array(places, np.uint8)
    standing = own_standing(codes) + fit_standing(codes)
    assert standing[0] != standing[1]
    codes[feature] = np.array([one, one], np.uint8)
    standing = own_standing(codes) + fit_standing(codes)
    assert standing[0] == standing[1]


def test_who_named_no_field_keeps_each_place_its_field(real: Engine) -> None:
    """What spreads fields over the first page is not undone."""
    slate = a_slate(real, replace(ANSWERS, fields=()))
    before = page(real, draw(real, slate), 1).listings
    moved = 0
    for seed in range(20):
        after = page(real, draw(real, explored(slate, seed)), 1).listings
        assert [one.program.cip for one in after] == [one.program.cip for one in before]
        moved += after != before
    assert moved


def test_no_rule_of_what_must_not_come_early_is_broken(real: Engine) -> None:
    """Chance puts nothing that must not be there among the first places of 180 searches."""
    fields = FieldIndex.load()
    moved = 0
    for number, search in enumerate(read_searches()):
        rules = [rule for rule in search.rules if rule["kind"] == "must_not"]
        if search.paid or search.published or not rules:
            continue
        slate = slate_of(number, read(real, fields, search), ())
        plain = ours(real, draw(real, slate))
        for seed in (number, SEEDS - 1 - number):
            shown = ours(real, draw(real, explored(slate, seed)))
            moved += shown != plain
            for rule in rules:
                assert count_against(rule, shown) <= count_against(rule, plain), search.said
    assert moved > 400


def test_the_steering_index_is_against_the_order_as_drawn(small: Engine) -> None:
    slate = explored(a_slate(small, ANSWERS), 5)
    drawn = draw(small, slate)
    shown = page(small, drawn, 1)
    assert shown.explored
    assert shown.steering_index == 0
    order = drawn.allocation.organic.first(10)
    gains = chances_for(small.scores, drawn.ranked, np.array(order)).asked.tolist()
    best = np.argsort(-drawn.ranked.scores(np.arange(drawn.ranked.count)))[:10]
    assert steering_index(chances_for(small.scores, drawn.ranked, best).asked.tolist(), gains) != 0


def test_invariant_8_a_kept_slate_draws_the_same_again(small: Engine) -> None:
    """Invariant 8: from the documents alone, listing for listing, in any order of pages."""
    slate = explored(a_slate(small, ANSWERS), 9)
    drawn = draw(small, slate)
    served = [page_record(page(small, drawn, at), demonstration=False) for at in (1, 2)]
    again = draw(small, read_slate(slate_document(slate)))
    for number in (2, 1):
        shown = page(small, again, number)
        assert page_record(shown, demonstration=False) == served[number - 1]
        for listing, kept in zip(shown.listings, served[number - 1].listings, strict=True):
            assert served_differently(listing, kept) == ()
    moved = [one for one in served[0].listings if "plain_position" in one]
    assert moved
    other = page(small, draw(small, replace(slate, explore_seed=10)), 1)
    assert any(map(served_differently, other.listings, served[0].listings))
