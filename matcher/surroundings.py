"""Where schools are as seen from the student: regions, and distances as squared chords.

Programs outnumber schools in dense fields: then each school is looked at once, else each program.
Chords are compared in single precision and without trigonometry: every step is exactly rounded, so
a replay on another machine sees the same.

A place that is not exact is the middle of a city or of a postal code's area, often guessed from a
school's name: nearer than ``UNSURE_MILES`` it is nobody's knowledge, so it is never seen nearer.
"""

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import PRECISIONS, Catalog
from matcher.geography import EARTH_RADIUS_MILES

# Of 1,298 schools placed by their names, half lie 3 miles or more from there, 6 in 100 over 10.
UNSURE_MILES = 25
_EXACT = PRECISIONS.index("exact")

_Value = TypeVar("_Value", bound=np.generic)


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
        return column if self.at is None else column.take(self.at)

    def narrowed(self, kept: NDArray[np.bool_], school: NDArray[np.int32]) -> "Surroundings":
        """The surroundings of some of the candidates.

        Args:
            kept: which, shape (n,).
            school: their schools, shape (count of kept,).
        """
        if self.at is not None and len(school) >= len(self.region):
            return Surroundings(self.region, self.squared, school)
        chosen = np.flatnonzero(kept) if self.at is None else school
        squared = None if self.squared is None else self.squared.take(chosen)
        return Surroundings(self.region.take(chosen), squared, None)


def look_around(
    catalog: Catalog, origin: NDArray[np.float32] | None, school: NDArray[np.int32]
) -> Surroundings:
    """Look at the schools of n candidates, shape (n,), from where the student is.

    Args:
        catalog: the catalog.
        origin: a unit vector, shape (3,), or None when the student's place is not known.
        school: the school of each candidate.
    """
    region, points, precision = catalog.region, catalog.xyz, catalog.place_precision
    if by_candidate := len(school) < len(region):
        region, points = region.take(school), points.take(school, axis=0)
        precision = precision.take(school)
    squared = None
    if origin is not None:
        squared = squared_chords(points, origin)
        np.maximum(squared, _LEAST.take(precision), out=squared)
    return Surroundings(region, squared, None if by_candidate else school)


def squared_chords(points: NDArray[np.float32], origin: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared chords between unit vectors (n, 3) and one (3,); NaN where a place is unknown."""
    total: NDArray[np.float32] = points[:, 0] - origin[0]
    total *= total
    for axis in (1, 2):
        apart = points[:, axis] - origin[axis]
        apart *= apart
        total += apart
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
