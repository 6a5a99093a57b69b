import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matcher.catalog import Catalog
from matcher.geography import (
    POSTAL_CODE_MESSAGE,
    REGIONS,
    Places,
    distance_miles,
    open_places,
    read_postal_code,
    region_place,
    unit_vectors,
    unknown_postal_code,
)
from matcher.ingest.postal import us_zip_codes
from models.domain.errors import InvalidInputError
from models.domain.matching import PlacePrecision
from models.domain.place import PostalCode

# Where our places are: the US with its Pacific territories, and Canada.
latitudes = st.floats(-14.5, 72)
longitudes = st.floats(-180, 180)
points = st.tuples(latitudes, longitudes)


@pytest.fixture(scope="module")
def places(catalog: Catalog) -> Places:
    return open_places(catalog.path)


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("10940", "10940"),
        (" 10940 ", "10940"),
        ("10940-1234", "10940"),
        ("10940 1234", "10940"),
        ("109401234", "10940"),
        ("10940\u20131234", "10940"),
        ("00501", "00501"),
        ("\uff11\uff10\uff19\uff14\uff10", "10940"),
        ("K1A 0B1", "K1A0B1"),
        ("k1a0b1", "K1A0B1"),
        ("k1a 0b1", "K1A0B1"),
        ("K1A-0B1", "K1A0B1"),
        ("K1A\u00a00B1", "K1A0B1"),
        ("k1a", "K1A"),
    ],
)
def test_codes_are_read_however_people_type_them(typed: str, normal: str) -> None:
    assert read_postal_code(typed).text == normal


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1094",
        "109400",
        "10940-12",
        "١٠٩٤٠",
        "१०९४०",
        "D1A 0B1",
        "K1A 0O1",
        "K1A 0B",
        "SW1A 1AA",
        "10940\0",
        "\0" * 5,
        "10940 OR 1=1",
        "9" * 100_000,
        "\ufdfa" * 100_000,
        " " * 100_000,
    ],
)
def test_anything_else_gets_the_message_that_says_what_to_type(typed: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_postal_code(typed)
    assert refused.value.messages == {"postal_code": [POSTAL_CODE_MESSAGE]}


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(typed: str) -> None:
    try:
        code = read_postal_code(typed)
    except InvalidInputError:
        return
    assert code.text.isascii()
    assert read_postal_code(code.text) == code
    assert read_postal_code(code.shown) == code


def test_an_unknown_code_is_named_in_the_message(places: Places) -> None:
    code = read_postal_code("00001")
    assert places.find(code) is None
    assert places.find(PostalCode("99999", "US")) is None
    assert unknown_postal_code(code).messages == {
        "postal_code": ["We cannot find 00001. Check it, or choose your state or province"]
    }


@pytest.mark.parametrize(
    ("typed", "region", "near"),
    [
        ("10940", "NY", (41.45, -74.42)),
        ("00501", "NY", (40.82, -73.05)),
        ("30332", "GA", (33.78, -84.40)),
        ("00601", "PR", (18.18, -66.75)),
        ("96910", "GU", (13.47, 144.75)),
        ("20002", "DC", (38.91, -76.98)),
        ("K1A 0B1", "ON", (45.42, -75.70)),
        ("H2X", "QC", (45.51, -73.57)),
    ],
)
def test_a_code_is_where_it_is(
    places: Places, typed: str, region: str, near: tuple[float, float]
) -> None:
    place = places.find(read_postal_code(typed))
    assert place is not None
    assert place.region == region
    assert place.country == REGIONS[region].country
    assert place.precision is PlacePrecision.CITY
    assert float(distance_miles(place.xyz or (), unit_vectors(*near))) < 10


@pytest.mark.parametrize(("typed", "region"), [("09001", "AE"), ("96201", "AP"), ("34001", "AA")])
def test_a_code_without_coordinates_gives_its_region_alone_invariant_12(
    places: Places, typed: str, region: str
) -> None:
    place = places.find(read_postal_code(typed))
    assert place is not None
    assert (place.region, place.precision) == (region, PlacePrecision.STATE)
    assert (place.latitude, place.longitude, place.xyz) == (None, None, None)


def test_every_code_has_a_region_and_its_point_lies_on_land_we_serve(places: Places) -> None:
    assert len(places) == 44_434
    assert (np.sort(places.code) == places.code).all()
    known = places.point[~np.isnan(places.point[:, 0])]
    assert len(places) - len(known) == 873
    assert known[:, 0].min() > -15
    assert known[:, 0].max() < 75
    assert (known != 0).all()


def test_every_us_code_that_the_package_knows_is_where_it_says_whatever_its_kind(
    places: Places,
) -> None:
    rows = us_zip_codes()
    kinds = {row["zip_code_type"] for row in rows}
    assert kinds == {"STANDARD", "PO BOX", "UNIQUE", "MILITARY"}
    for row in rows:
        place = places.find(read_postal_code(row["zip_code"]))
        assert place is not None, row
        assert place.region == row["state"]
        if float(row["lat"]) == 0:
            assert (place.latitude, place.precision) == (None, PlacePrecision.STATE)
        else:
            assert (place.latitude, place.longitude) == (float(row["lat"]), float(row["long"]))


def test_every_canadian_area_that_the_package_knows_is_found_by_any_code_in_it(
    places: Places,
) -> None:
    areas = [code.decode() for code in places.code.tolist() if len(code) == 3]
    assert len(areas) > 1_600
    for area in areas:
        place = places.find(read_postal_code(f"{area.lower()} 1a1"))
        assert place is not None
        assert place.region is not None
        assert (place.country, REGIONS[place.region].country) == ("CA", "CA")


def test_a_chosen_region_is_a_place_without_a_point() -> None:
    place = region_place("QC")
    assert (place.region, place.country, place.xyz) == ("QC", "CA", None)
    with pytest.raises(InvalidInputError, match="from the list"):
        region_place("qc")


def test_regions_hold_all_states_territories_and_provinces(catalog: Catalog) -> None:
    by_country = [region.country for region in REGIONS.values() if not region.military]
    assert (by_country.count("US"), by_country.count("CA")) == (59, 13)
    assert {"DC", "PR", "GU", "VI", "AS", "MP", "FM", "MH", "PW"} <= REGIONS.keys()
    assert catalog.regions == tuple(REGIONS)


@given(points, points)
def test_distance_is_symmetric_and_never_negative(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    a, b = unit_vectors(*one), unit_vectors(*other)
    assert distance_miles(a, b) == distance_miles(b, a) >= 0
    assert distance_miles(a, a) == 0


@given(points, points)
def test_distance_is_within_half_a_percent_of_the_geodesic(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    geodesic = _vincenty_miles(one, other)
    assume(geodesic is not None and geodesic > 0.5)
    assert geodesic is not None
    ours = float(distance_miles(unit_vectors(*one), unit_vectors(*other)))
    assert abs(ours - geodesic) <= 0.005 * geodesic


@given(points, points, points)
def test_a_detour_is_never_shorter(
    one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]
) -> None:
    a, b, c = (unit_vectors(*point) for point in (one, two, three))
    assert distance_miles(a, c) <= distance_miles(a, b) + distance_miles(b, c) + 1e-3


def test_single_precision_places_keep_distances_to_a_few_feet(catalog: Catalog) -> None:
    home = unit_vectors(41.4512, -74.4701)
    near = unit_vectors(41.4386, -74.4272)
    stored = near.astype(np.float32)
    assert float(distance_miles(home, stored)) == pytest.approx(
        float(distance_miles(home, near)), abs=0.002
    )
    assert catalog.xyz.dtype == np.float32
    assert np.isnan(distance_miles(home, np.full(3, np.nan)))


def _vincenty_miles(one: tuple[float, float], other: tuple[float, float]) -> float | None:
    """Geodesic on WGS 84 (Vincenty 1975, inverse); None where it does not converge."""
    a, f = 6_378_137.0, 1 / 298.257223563
    b = (1 - f) * a
    u1, u2 = (math.atan((1 - f) * math.tan(math.radians(p[0]))) for p in (one, other))
    lon = math.radians(other[1] - one[1])
    lam = lon
    for _ in range(200):
        x = math.cos(u2) * math.sin(lam)
        y = math.cos(u1) * math.sin(u2) - math.sin(u1) * math.cos(u2) * math.cos(lam)
        sin_s = math.hypot(x, y)
        if sin_s == 0:
            return 0.0
        cos_s = math.sin(u1) * math.sin(u2) + math.cos(u1) * math.cos(u2) * math.cos(lam)
        s = math.atan2(sin_s, cos_s)
        sin_a = math.cos(u1) * math.cos(u2) * math.sin(lam) / sin_s
        cos2_a = 1 - sin_a**2
        cos_2m = cos_s - 2 * math.sin(u1) * math.sin(u2) / cos2_a if cos2_a else 0.0
        c = f / 16 * cos2_a * (4 + f * (4 - 3 * cos2_a))
        before, lam = (
            lam,
            lon
            + (1 - c) * f * sin_a * (s + c * sin_s * (cos_2m + c * cos_s * (-1 + 2 * cos_2m**2))),
        )
        if abs(lam - before) < 1e-12:
            u_sq = cos2_a * (a * a - b * b) / (b * b)
            k1 = 1 + u_sq / 16384 * (4096 + u_sq * (-768 + u_sq * (320 - 175 * u_sq)))
            k2 = u_sq / 1024 * (256 + u_sq * (-128 + u_sq * (74 - 47 * u_sq)))
            term = cos_s * (-1 + 2 * cos_2m**2)
            term -= k2 / 6 * cos_2m * (-3 + 4 * sin_s**2) * (-3 + 4 * cos_2m**2)
            delta = k2 * sin_s * (cos_2m + k2 / 4 * term)
            return b * k1 * (s - delta) / 1609.344
    return None
