"""Where schools are as seen from the student: regions, and distances as squared chords.

Programs outnumber schools in dense fields: then each school is looked at once, else each program.
Chords are compared in single precision and without trigonometry: every step is exactly rounded, so
a replay on another machine sees the same.

A place that is not exact is the middle of a city or of a postal code's area, often guessed from a
school's name: nearer than ``UNSURE_MILES`` it is nobody's knowledge, so it is never seen nearer.
"""

import math
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import PRECISIONS, Catalog
from matcher.geography import EARTH_RADIUS_MILES

# Of 1,298 schools placed by their names, half lie 3 miles or more from there, 6 in 100 over 10.
UNSURE_MILES = 25
_EXACT = PRECISIONS.index("exact")

_Value = TypeVar("_Value", bound=np.generic)

# How columns are read by rows that are known to be there: half of what it costs to look first
# whether each is, where there are tens of thousands. A row that is not would read the nearest.
IN_RANGE: Literal["clip"] = "clip"


@dataclass(frozen=True, slots=True)
class Sites:
    """Where a catalog's S schools are, laid out to be compared with a student's place.

    ``region`` int16 (S,) rows of the catalog's regions or -1; ``place`` float32 (4, S): unit
    vectors, NaN where a place is unknown, and the least squared chord at which a school is ever
    seen.
    """

    region: NDArray[np.int16]
    place: NDArray[np.float32]


def sites(catalog: Catalog) -> Sites:
    """Lay out where a catalog's schools are."""
    least = _LEAST.take(catalog.place_precision)
    return Sites(np.asarray(catalog.region), np.stack([*catalog.xyz.T, least]))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is around a student, for n candidates at m spots: schools, or the candidates themselves.

    ``region`` int16 (m,); ``squared`` float32 (m,) squared chords, at least that of
    ``UNSURE_MILES`` where a place is not exact, NaN where it is unknown, None when the student's
    own is; ``at`` int32 (n,) the spot of each candidate, None when each
    candidate is its own.
    """

    region: NDArray[np.int16]
    squared: NDArray[np.float32] | None
    at: NDArray[np.int32] | None

    def spread(self, column: NDArray[_Value]) -> NDArray[_Value]:
        """Turn a column of spots, shape (m,), into one of candidates, shape (n,)."""
        return column if self.at is None else column.take(self.at, mode=IN_RANGE)

    def narrowed(self, kept: NDArray[np.int64], school: NDArray[np.int32]) -> "Surroundings":
        """The surroundings of some of the candidates.

        Args:
            kept: which, rising.
            school: their schools, as many.
        """
        if self.at is not None and len(school) >= len(self.region):
            return Surroundings(self.region, self.squared, school)
        chosen = kept if self.at is None else school
        squared = None if self.squared is None else self.squared.take(chosen)
        return Surroundings(self.region.take(chosen), squared, None)


def look_around(
    there: Sites, origin: NDArray[np.float32] | None, school: NDArray[np.int32]
) -> Surroundings:
    """Look at the schools of n candidates, shape (n,), from where the student is.

    Args:
        there: where schools are.
        origin: a unit vector, shape (3,), or None when the student's place is not known.
        school: the school of each candidate.
    """
    region, place = there.region, there.place
    if by_candidate := len(school) < len(region):
        region = region.take(school)
    squared = None
    if origin is not None:
        if by_candidate:
            place = place.take(school, axis=1)
        squared = squared_chords(place[:3], origin)
        np.maximum(squared, place[3], out=squared)
    return Surroundings(region, squared, None if by_candidate else school)


def squared_chords(points: NDArray[np.float32], origin: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared chords between unit vectors (3, n) and one (3,); NaN where a place is unknown."""
    apart = points - origin[:, np.newaxis]
    apart *= apart
    total: NDArray[np.float32] = apart[0]
    total += apart[1]
    total += apart[2]
    return total


def squared_chord(miles: float) -> np.float32:
    """The squared chord of a great-circle distance, to compare ``squared_chords`` with."""
    half_angle = min(miles / (2 * EARTH_RADIUS_MILES), math.pi / 2)
    return np.float32((2 * math.sin(half_angle)) ** 2)


def not_exact(precision: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where a place is not known exactly, by the catalog's codes of precision, shape (n,)."""
    unsure: NDArray[np.bool_] = precision != _EXACT
    return unsure


# The least squared chord to a place, by precision.
_LEAST = np.full(len(PRECISIONS), squared_chord(UNSURE_MILES), np.float32)
_LEAST[_EXACT] = 0
