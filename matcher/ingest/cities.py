"""Finds the city that a school's name says, when it is right at least 99 times in 100.

Right means: within 25 miles of where the school is. ``python -m benchmarks.places`` chooses among
these rules and others that do not hold the bar (a small city first in the name: "Henderson State"
is in Arkadelphia; any city last, or in the middle), on one half of the schools, and measures what
it chose on the other.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from matcher.geography import distance_miles, unit_vectors
from matcher.ingest.postal import PostalRow
from matcher.regions import REGIONS

# A city nine tenths of whose codes lie further from its middle than this is no one point.
_WIDEST_CITY_MILES = 15.0
# A county is a point only when all of it lies within the 25 miles we promise.
_WIDEST_COUNTY_MILES = 25.0
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class City:
    """A city's middle, the number of its postal codes and the counties they lie in."""

    name: str
    point: Point
    codes: int
    counties: frozenset[str]


@dataclass(frozen=True, slots=True)
class Derived:
    """What a name said: the city (or "" when only a small county is known) and by which rule."""

    name: str
    point: Point
    rule: str


class Gazetteer:
    """Cities and counties of each state, as the post office names them, and all codes' places.

    Args:
        rows: US ZIP codes as the package lists them.
        postal: the codes of both countries, for places by code alone.
    """

    def __init__(self, rows: Iterable[dict[str, Any]], postal: Iterable[PostalRow] = ()) -> None:
        self._codes = {
            row.code: (row.latitude, row.longitude) for row in postal if not isnan(row.latitude)
        }
        by_city: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        by_county: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            if float(row["lat"]) == 0 or row["zip_code_type"] == "MILITARY":
                continue
            by_city[row["state"], normal(row["city"])].append(row)
            by_county[row["state"], _county(row["county"])].append(row)
        self._cities = {key: city for key, found in by_city.items() if (city := _city(found))}
        self._counties = {key: _middle(found) for key, found in by_county.items() if key[1]}

    def find(self, state: str, city: str) -> City | None:
        """Find a city of that state by its name."""
        return self._cities.get((state, normal(city)))

    def of_code(self, code: str) -> Point | None:
        """Find the middle of a ZIP, or of a Canadian code's first three signs."""
        return self._codes.get(code)

    def small_county(self, state: str, county: str) -> Point | None:
        """Find the middle of a county that lies within 25 miles of it."""
        middle, _, widest = self._counties.get((state, county), (None, 0.0, 0.0))
        return middle if widest <= _WIDEST_COUNTY_MILES else None

    def has_county(self, state: str, county: str) -> bool:
        """Tell whether the state has a county of that name."""
        return (state, county) in self._counties

    def of_name(self, name: str, state: str) -> Derived | None:
        """Find where a school's name says it is, or None when no rule is certain."""
        # An online branch carries the name of a city it is not in.
        if "online" in normal(name).split():
            return None
        for rule, derive in RULES:
            if found := derive(self, name, state):
                return Derived(*found, rule)
        return None


Found = tuple[str, Point] | None
Rule = Callable[[Gazetteer, str, str], Found]
_CAMPUS = re.compile(r"\b(campus|branch|center|metro|main)\b")


def after_dash(gazetteer: Gazetteer, name: str, state: str) -> Found:
    """``Empire Beauty School-Framingham``, ``Remington College-Mobile Campus``."""
    _, dash, tail = name.rpartition("-")
    if not dash:
        return None
    plain = normal(tail)
    shorter = " ".join(_CAMPUS.sub(" ", plain).split())
    return named(gazetteer.find(state, plain) or gazetteer.find(state, shorter))


def after_preposition(least_codes: int) -> Rule:
    """``University of Alabama at Birmingham``, ``City College, Miami``.

    Args:
        least_codes: how many postal codes the city must have: "at Mount Sinai" is a hospital, and
            a place with one code proves too little.
    """

    def rule(gazetteer: Gazetteer, name: str, state: str) -> Found:
        found = re.search(r"(?: at | in |, )([^-]+)$", name)
        city = gazetteer.find(state, found[1]) if found else None
        return named(city) if city and city.codes >= least_codes else None

    return rule


def university_of(gazetteer: Gazetteer, name: str, state: str) -> Found:
    """``University of Rochester``."""
    found = re.fullmatch(r"(?:The )?University of (.+)", name)
    return named(gazetteer.find(state, found[1])) if found else None


def city_first(least_codes: int) -> Rule:
    """``Milwaukee Area Technical College``, unless a county elsewhere or the state is called so.

    Args:
        least_codes: how many postal codes the city must have: a large one means itself.
    """

    def rule(gazetteer: Gazetteer, name: str, state: str) -> Found:
        said = normal(name).split()
        for length in (3, 2, 1):
            words = " ".join(said[:length])
            city = gazetteer.find(state, words) if length < len(said) else None
            if city is None:
                continue
            elsewhere = gazetteer.has_county(state, words) and words not in city.counties
            stately = words == normal(REGIONS[state].name)
            return named(city) if city.codes >= least_codes and not (elsewhere or stately) else None
        return None

    return rule


def in_small_county(gazetteer: Gazetteer, name: str, state: str) -> Found:
    """``Rockland County BOCES``."""
    found = re.match(r"(.+?) county\b", normal(name))
    point = gazetteer.small_county(state, found[1]) if found else None
    return ("", point) if point else None


# In this order: what stands after a dash is the most certain. ``benchmarks.places`` chooses the
# same from its candidates.
RULES: tuple[tuple[str, Rule], ...] = (
    ("after a dash", after_dash),
    ("after at, in or a comma", after_preposition(2)),
    ("University of …", university_of),
    ("small county", in_small_county),
    ("city of 10 codes first", city_first(10)),
)


def normal(text: str) -> str:
    """Write a name so that spellings compare: no accents, no points, ``St`` for ``Saint``."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9]+", " ", plain.replace("'", "").replace(".", "")).strip()
    return re.sub(r"\b(?:saint|sainte|ste)\b", "st", re.sub(r"\bfort\b", "ft", plain))


def named(city: City | None) -> Found:
    """What a rule returns for a city."""
    return (city.name, city.point) if city else None


def _county(name: str) -> str:
    return re.sub(r" (?:county|parish|municipio|borough)$", "", normal(name))


def _point(row: dict[str, Any]) -> Point:
    return float(row["lat"]), float(row["long"])


def _city(rows: list[dict[str, Any]]) -> City | None:
    middle, most, _ = _middle(rows)
    if most > _WIDEST_CITY_MILES:
        return None
    counties = frozenset(_county(row["county"]) for row in rows)
    return City(rows[0]["city"], middle, len(rows), counties)


def _middle(rows: list[dict[str, Any]]) -> tuple[Point, float, float]:
    """The middle of some codes, the miles within which nine tenths lie, and all lie."""
    degrees = np.array([_point(row) for row in rows], np.float64)
    latitude, longitude = (round(float(part), 6) for part in np.median(degrees, axis=0))
    away = distance_miles(
        unit_vectors(degrees[:, 0], degrees[:, 1]), unit_vectors(latitude, longitude)
    )
    return (latitude, longitude), float(np.quantile(away, 0.9)), float(away.max())
