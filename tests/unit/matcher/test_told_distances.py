"""A place that is guessed, or known to its city or postal code, is told no better than that."""

from dataclasses import replace

import numpy as np
import pytest

from matcher.catalog import PRECISIONS, Catalog
from matcher.geography import distance_miles, open_places, read_postal_code, unit_vectors
from matcher.match import Engine, find, make_engine
from models.domain.levels import EducationLevel, Format
from models.domain.matching import Answers, Listing, PlacePrecision, Sort
from tests.support.catalogs import an_offer, match_page

ANSWERS = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940")
CAMPUS = replace(ANSWERS, format=Format.CAMPUS)


@pytest.fixture(scope="module")
def north(small: Engine) -> Engine:
    """The invented schools in one line north of the student, every other one exactly placed."""
    catalog = small.catalog
    degrees = 41.45 + catalog.unitid % 50 * 0.03
    xyz = unit_vectors(degrees, np.full(len(degrees), -74.42)).astype(np.float32)
    unplaced = np.isnan(catalog.xyz)
    xyz[unplaced] = np.nan
    placed = np.where(catalog.unitid % 2, PRECISIONS.index("exact"), PRECISIONS.index("city"))
    precision = np.where(unplaced[:, 0], catalog.place_precision, placed).astype(np.uint8)
    return standing(small, replace(catalog, xyz=xyz, place_precision=precision))


def standing(engine: Engine, catalog: Catalog) -> Engine:
    return make_engine(catalog, open_places(catalog.path), engine.ranker, engine.scores)


def everything(engine: Engine, answers: Answers) -> list[Listing]:
    pages = match_page(engine, answers).pages
    return [
        one
        for number in range(1, pages + 1)
        for one in match_page(engine, answers, number=number).listings
    ]


def computed(engine: Engine, listing: Listing) -> float:
    """Miles from the student to where the catalog puts the school."""
    assert ANSWERS.postal_code
    home = engine.places.find(read_postal_code(ANSWERS.postal_code))
    assert home
    assert home.xyz
    school = int(np.searchsorted(engine.catalog.unitid, listing.school.unitid))
    return float(distance_miles(engine.catalog.xyz[school], home.xyz))


def test_miles_to_a_place_known_to_its_city_are_tens_from_25_on(north: Engine) -> None:
    told = {}
    for one in everything(north, ANSWERS):
        miles = computed(north, one)
        if np.isnan(miles):
            assert (one.distance_miles, one.nearby) == (None, False)
        elif one.place_precision is PlacePrecision.EXACT:
            assert (one.distance_miles, one.nearby) == (round(miles, 1), False)
        elif miles < 25:
            assert (one.distance_miles, one.nearby) == (None, True)
        else:
            assert one.distance_miles in range(30, 10_000, 10)
            assert one.distance_miles == pytest.approx(miles, abs=5)
            assert not one.nearby
        told[one.place_precision, one.distance_miles is None, one.nearby] = True
    assert len(told) == 5  # all of the above, and both precisions without a point


def test_no_reason_speaks_of_miles_that_nobody_knows(north: Engine) -> None:
    cities = replace(
        north,
        schools=tuple(
            one._replace(city="Middletown" if one.unitid % 4 else None) for one in north.schools
        ),
    )
    said = set()
    for one in everything(cities, ANSWERS):
        for note in one.reasons:
            if note.code == "near_you":
                assert one.place_precision is PlacePrecision.EXACT
                assert note.values["miles"] == one.distance_miles
            elif note.code == "near_you_by_city":
                assert one.place_precision is PlacePrecision.CITY
                assert note.values["miles"] == one.distance_miles
            elif note.code == "in_or_near":
                assert one.nearby
                assert note.values == {"city": "Middletown"} == {"city": one.school.city}
            elif note.code == "somewhere_near":
                assert one.nearby
                assert one.school.city is None
            said.add(note.code)
    assert {"near_you", "near_you_by_city", "in_or_near", "somewhere_near"} <= said


def test_within_less_than_25_miles_a_guessed_place_comes_after_known_ones(north: Engine) -> None:
    within = replace(CAMPUS, max_distance_miles=20)
    listings, page = everything(north, within), match_page(north, within)
    known_format = [one for one in listings if one.program.format is not None]
    guessed = [one.nearby or one.place_precision is PlacePrecision.STATE for one in known_format]
    assert guessed == sorted(guessed)
    assert True in guessed
    assert False in guessed
    unsure = [one for one in listings if one.distance_miles is None]
    assert any(one.nearby for one in unsure)
    [note] = [note for note in page.advice if note.code == "place_not_published"]
    assert note.values["count"] == len(unsure)
    nearby = {one.program.id for one in everything(north, CAMPUS) if one.nearby}
    assert {one.program.id for one in unsure if one.nearby} == nearby


def test_within_25_miles_a_place_that_may_be_25_miles_away_is_near_enough(north: Engine) -> None:
    page = match_page(north, replace(CAMPUS, max_distance_miles=25))
    guessed = [one for one in page.listings if one.nearby]
    assert guessed
    unsure = find(north, replace(CAMPUS, max_distance_miles=25))
    assert unsure.tier is not None
    nowhere = np.isnan(north.catalog.xyz[unsure.school][:, 0])
    assert np.array_equal(unsure.tier % 2 == 1, nowhere)


def test_nearest_first_a_guessed_place_is_25_miles_away_or_more(north: Engine) -> None:
    everyone = an_offer(1, north.catalog.unitid.tolist(), price_minor=100_000)
    nearest = replace(ANSWERS, sort=Sort.DISTANCE)
    assert not any(one.sponsored for one in match_page(north, nearest, (everyone,)).listings)
    assert any(one.sponsored for one in match_page(north, ANSWERS, (everyone,)).listings)
    listings = everything(north, nearest)
    miles = [
        max(computed(north, one), 0 if one.place_precision is PlacePrecision.EXACT else 25)
        for one in listings
    ]
    known = [value for value in miles if not np.isnan(value)]
    assert known == pytest.approx(sorted(known), abs=0.01)
    assert [round(value) for value in known].count(25) > 3


def test_the_same_school_stands_no_higher_when_its_place_is_guessed(north: Engine) -> None:
    """What is not known must not help: all else equal, an exact place near by is the better one."""
    exact, city = PRECISIONS.index("exact"), PRECISIONS.index("city")
    precision = north.catalog.place_precision
    guess = np.where(precision == exact, np.uint8(city), precision)
    blurred = standing(north, replace(north.catalog, place_precision=guess))
    known = {one.program.id: one for one in everything(north, ANSWERS)}
    near = 0
    for one in everything(blurred, ANSWERS):
        before = known[one.program.id]
        assert one.score <= before.score
        near += one.score < before.score and one.nearby
    assert near
