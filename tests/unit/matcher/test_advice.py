"""Advice says what was asked for and could not be done, and never says what is not so."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matcher.catalog import FORMATS
from matcher.geography import open_places, read_postal_code
from matcher.match import Engine, make_engine
from matcher.regions import REGION_ROWS
from models.domain.levels import EducationLevel, Format
from models.domain.matching import Answers, Note, Sort
from tests.support.catalogs import match_page

ANSWERS = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940")
ABROAD = {"postal_code": "09001"}
REGION = {"postal_code": None, "region": "NY"}


def advice(engine: Engine, **changes: Any) -> dict[str, Note]:
    return {note.code: note for note in match_page(engine, replace(ANSWERS, **changes)).advice}


def with_columns(engine: Engine, **columns: Any) -> Engine:
    catalog = replace(engine.catalog, **columns)
    return make_engine(catalog, open_places(catalog.path), engine.ranker, engine.scores)


@pytest.fixture(scope="module")
def abroad(small: Engine) -> Engine:
    """Knows a military ZIP, which has a region and no place on a map."""
    places = small.places
    more = replace(
        places,
        code=np.insert(places.code, 1, b"09001"),
        region=np.insert(places.region, 1, REGION_ROWS["AE"]),
        point=np.insert(places.point, 1, np.nan, axis=0),
        xyz=np.insert(places.xyz, 1, np.nan, axis=0),
    )
    place = more.find(read_postal_code("09001"))
    assert place
    assert place.xyz is None
    return make_engine(small.catalog, more, small.ranker, small.scores)


@pytest.mark.parametrize("asked", [{"max_distance_miles": 25}, {"sort": Sort.DISTANCE}])
def test_distances_that_cannot_be_measured_are_said(abroad: Engine, asked: dict[str, Any]) -> None:
    said = advice(abroad, **ABROAD, **asked)
    assert said["postal_code_not_on_map"].values == {"postal_code": "09001"}
    assert "distance_needs_postal_code" not in said
    said = advice(abroad, **REGION, **asked)
    assert "distance_needs_postal_code" in said
    assert "postal_code_not_on_map" not in said
    for place in ({}, ABROAD, REGION):
        unasked = advice(abroad, **place, **(asked if not place else {}))
        assert not {"postal_code_not_on_map", "distance_needs_postal_code"} & set(unasked)


def test_a_sort_by_figures_that_nobody_publishes_is_said(small: Engine) -> None:
    catalog = small.catalog
    bare = with_columns(
        small,
        net_price=np.full_like(catalog.net_price, np.nan),
        earnings=np.full_like(catalog.earnings, np.nan),
        verdict=np.zeros_like(catalog.verdict),
    )
    codes = {Sort.NET_PRICE: "no_net_prices", Sort.EARNINGS: "no_earnings"}
    for sort in Sort:
        assert not set(codes.values()) & set(advice(small, sort=sort))
        said = set(codes.values()) & set(advice(bare, sort=sort))
        assert said == ({codes[sort]} if sort in codes else set())


def test_formats_are_spoken_of_as_they_are_known(small: Engine) -> None:
    def saying(known: str | None, wish: Format = Format.CAMPUS) -> set[str]:
        engine = small
        if known is not None:
            formats = np.full_like(small.catalog.format, FORMATS.index(known))
            engine = with_columns(small, format=formats)
        return {code for code in advice(engine, format=wish) if code.startswith("format_")}

    assert saying(None) == {"format_mostly_not_published"}
    assert saying("unknown") == {"format_not_published"}
    assert saying("campus") == set()
    assert saying(None, Format.EITHER) == set()
