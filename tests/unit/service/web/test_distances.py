"""Distances as a student reads them: kilometres in Canada, miles elsewhere; asked in miles."""

from dataclasses import replace

import pytest
from flask import g

from models.domain.matching import Note, PlacePrecision, RequestChannel
from service.messages.lengths import KM_PER_MILE, Unit, unit_in, whole
from service.steps.outputs import Matches
from service.web import distances
from service.web.cards import draw_cards
from service.web.query import Query
from service.web.refine import draw_refine
from service.web.results_view import FieldNames, results_view
from tests.support.matches import FIELD, a_listing, shown, some_matches
from tests.support.pages import read_page


@pytest.fixture(autouse=True)
def speaking(request: pytest.FixtureRequest, asked: None) -> None:  # noqa: ARG001 - it comes first
    """Let who asks speak the language that is drawn: what is drawn is kept for later tests, too."""
    callspec = getattr(request.node, "callspec", None)
    g.locale = callspec.params.get("language", "en") if callspec else "en"


EXACT, CITY = PlacePrecision.EXACT, PlacePrecision.CITY


def in_ontario(matches: Matches) -> Matches:
    return replace(matches, slate=replace(matches.slate, jurisdiction="CA-ON"))


def card(language: str, unit: Unit, miles: float, precision: PlacePrecision) -> str:
    code = "near_you" if precision is EXACT else "near_you_by_city"
    listing = a_listing(
        distance_miles=miles, place_precision=precision, reasons=(Note(code, {"miles": miles}),)
    )
    drawn = draw_cards(language, [shown(listing)], {RequestChannel.HERE: "/"}, None, unit)
    return read_page(drawn.decode()).text


@pytest.mark.parametrize(
    ("language", "away", "by_city"),
    [
        ("en", "about 20 km away", "about 50 km away, by its city"),
        ("es", "a unos 20 km", "a unos 50 km, según su ciudad"),
        ("fr", "à environ 20 km", "à environ 50 km, d\u2019après sa ville"),
    ],
)
def test_card_and_reason_tell_kilometres_in_every_language(
    language: str, away: str, by_city: str
) -> None:
    exact, rough = card(language, Unit.KM, 12.4, EXACT), card(language, Unit.KM, 30.0, CITY)
    assert exact.count(away) == 2
    assert rough.count(by_city) == 2
    assert "mil" not in (exact + rough).replace("families", "").lower()


def test_the_same_listing_is_told_in_miles_elsewhere_whoever_asked_before() -> None:
    assert "km" in card("en", Unit.KM, 12.4, EXACT)
    assert card("en", Unit.MILES, 12.4, EXACT).count("about 12 miles away") == 2
    assert "less than 1 km away" in card("en", Unit.KM, 0.2, EXACT)
    assert "about 1 km away" in card("en", Unit.KM, 0.4, EXACT)


@pytest.mark.parametrize(
    ("jurisdiction", "unit"),
    [("CA-ON", Unit.KM), ("CA", Unit.KM), ("US-CA", Unit.MILES), ("US", Unit.MILES)],
)
def test_what_a_country_measures_in(jurisdiction: str, unit: Unit) -> None:
    assert unit_in(jurisdiction) is unit


@pytest.mark.parametrize("miles", [30.0, 40.0, 70.0, 2480.0])
def test_a_place_known_roughly_is_told_in_tens_whatever_the_unit(miles: float) -> None:
    assert whole(miles, Unit.KM, exact=False) % 10 == 0
    assert abs(whole(miles, Unit.KM, exact=False) - miles * KM_PER_MILE) <= 5


@pytest.mark.parametrize("unit", Unit)
def test_a_search_looks_as_far_as_it_says_and_no_farther(unit: Unit) -> None:
    for miles, words in distances.choices("en", unit):
        length = float(words.removeprefix("Within ").partition(" ")[0])
        assert 0 <= length * (1 if unit is Unit.MILES else 1 / KM_PER_MILE) - miles < 1
        assert whole(miles, unit) <= length, "a card says no more than what was asked for"
        assert distances.within("en", miles, unit) == words


@pytest.mark.parametrize(
    ("land", "miles", "place", "chosen"),
    [("CA-ON", 25, 2, "Within 40 km"), ("US-NY", 31, 3, "Within 31 miles")],
)
def test_a_distance_from_elsewhere_stays_chosen_in_its_place(
    land: str, miles: int, place: int, chosen: str
) -> None:
    matches = some_matches(shown(a_listing()), max_distance_miles=miles)
    matches = replace(matches, slate=replace(matches.slate, jurisdiction=land))
    query = Query([("postal_code", "K1A0B1"), ("max_distance_miles", str(miles))])
    panel = read_page(draw_refine("en", matches, query, str).decode())
    options = panel.one(id="max_distance_miles").all("option")
    assert [
        (at, one.text, one["value"]) for at, one in enumerate(options) if one.has("selected")
    ] == [(place, chosen, str(miles))]
    names = FieldNames(str, lambda _: FIELD)
    assert chosen in read_page(results_view("en", matches, query, names).narrowed.decode()).text


@pytest.mark.parametrize(
    ("language", "chosen"), [("en", "Within 100 km"), ("es", "A 100 km"), ("fr", "À 100 km")]
)
def test_the_filter_says_kilometres_and_asks_miles(language: str, chosen: str) -> None:
    matches = in_ontario(some_matches(shown(a_listing()), max_distance_miles=62))
    query = Query([("postal_code", "K1A0B1"), ("max_distance_miles", "62")])
    panel = read_page(draw_refine(language, matches, query, str).decode())
    options = panel.one(id="max_distance_miles").all("option")
    assert [one["value"] for one in options] == ["", "15", "31", "62", "124", "248"]
    [selected] = [one.text for one in options if one.has("selected")]
    assert selected.startswith(chosen)
    names = FieldNames(str, lambda _: FIELD)
    chips = read_page(results_view(language, matches, query, names).narrowed.decode())
    assert chosen in chips.text
    assert "mil" not in chips.text


@pytest.mark.parametrize(
    ("language", "words"), [("en", "within 40 km"), ("es", "de 40 km"), ("fr", "à 40 km près")]
)
def test_how_well_a_place_is_known_is_told_in_kilometres_too(language: str, words: str) -> None:
    hidden = a_listing().school._replace(city=None)
    listing = a_listing(
        school=hidden, distance_miles=None, nearby=True, reasons=(Note("somewhere_near"),)
    )
    drawn = draw_cards(language, [shown(listing)], {RequestChannel.HERE: "/"}, None, Unit.KM)
    assert read_page(drawn.decode()).text.count(words) == 2
