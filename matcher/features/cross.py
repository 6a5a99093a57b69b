"""Computes the features that depend on a program and a student together.

Distances are compared as squared chords between unit vectors, in single precision and without
trigonometry: every step is exactly rounded, so a replay on another machine gives the same codes.
"""

import math

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import FORMATS, Catalog
from matcher.features.declared import (
    DISTANCE_EDGES,
    ELSEWHERE_PLACE_UNKNOWN,
    FORMAT_DIFFERS,
    FORMAT_MATCHES,
    FORMAT_UNKNOWN,
    NEIGHBOUR_CREDENTIAL,
    NO_PLACE_TO_COMPARE,
    NO_SPECIALTY,
    NO_WISH,
    OTHER_CREDENTIAL,
    OTHER_STATE,
    SAME_STATE_PLACE_UNKNOWN,
    STATE_UNKNOWN,
    USUAL_CREDENTIAL,
)
from matcher.features.pack import Codes
from matcher.features.program import Rows
from matcher.features.student import Student
from matcher.geography import EARTH_RADIUS_MILES
from models.domain.levels import CredentialLevel, Format

# How far along each credential leads; one step apart is a neighbour.
LADDER: dict[CredentialLevel, int] = {
    CredentialLevel.NON_CREDENTIAL: 0,
    CredentialLevel.UNDERGRADUATE_CERTIFICATE: 0,
    CredentialLevel.ASSOCIATE: 1,
    CredentialLevel.BACHELOR: 2,
    CredentialLevel.POST_BACCALAUREATE_CERTIFICATE: 3,
    CredentialLevel.GRADUATE_CERTIFICATE: 3,
    CredentialLevel.MASTER: 4,
    CredentialLevel.FIRST_PROFESSIONAL: 5,
    CredentialLevel.DOCTORAL: 5,
}

_FORMAT_FIT: dict[Format, tuple[int, ...]] = {
    Format.EITHER: (NO_WISH,) * len(FORMATS),
    Format.CAMPUS: (FORMAT_UNKNOWN, FORMAT_MATCHES, FORMAT_DIFFERS, FORMAT_MATCHES),
    Format.ONLINE: (FORMAT_UNKNOWN, FORMAT_DIFFERS, FORMAT_MATCHES, FORMAT_MATCHES),
}


def cross_columns(catalog: Catalog, student: Student, rows: Rows) -> tuple[Codes, ...]:
    """Compute the codes of ``declared.CROSS``, in that order, for programs ``rows`` (n,)."""
    distance, same_state = place_codes(catalog, student, catalog.school[rows])
    return (
        distance,
        same_state,
        specialty_fits(student.credential)[catalog.credential[rows]],
        format_fits(student.wish)[catalog.format[rows]],
        student.field_fit[catalog.field[rows]],
    )


def place_codes(
    catalog: Catalog, student: Student, schools: NDArray[np.int32]
) -> tuple[Codes, Codes]:
    """Compute distance and same state for the schools of programs, shape (n,).

    Programs outnumber schools in dense fields: then each school is computed once.
    """
    if len(schools) <= len(catalog.region):
        return _place_codes(student, catalog.region[schools], catalog.xyz[schools])
    regions, points = np.asarray(catalog.region), np.asarray(catalog.xyz)
    distance, same_state = _place_codes(student, regions, points)
    return distance[schools], same_state[schools]


def squared_chord(miles: float) -> np.float32:
    """The squared chord of a great-circle distance, to compare ``squared_chords`` with."""
    half_angle = min(miles / (2 * EARTH_RADIUS_MILES), math.pi / 2)
    return np.float32((2 * math.sin(half_angle)) ** 2)


def squared_chords(points: NDArray[np.float32], origin: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared chords between unit vectors (n, 3) and one (3,); NaN where a place is unknown."""
    apart = points - origin
    apart *= apart
    total: NDArray[np.float32] = apart[:, 0] + apart[:, 1]
    total += apart[:, 2]
    return total


def specialty_fits(wanted: CredentialLevel | None) -> NDArray[np.uint8]:
    """The specialty-fit code of each credential code."""
    if wanted is None:
        return np.full(len(LADDER), NO_SPECIALTY, np.uint8)
    return np.array([_specialty_fit(wanted, given) for given in CredentialLevel], np.uint8)


def format_fits(wish: Format) -> NDArray[np.uint8]:
    """The format-fit code of each of the catalog's format codes."""
    return np.array(_FORMAT_FIT[wish], np.uint8)


def _specialty_fit(wanted: CredentialLevel, given: CredentialLevel) -> int:
    if given is wanted:
        return USUAL_CREDENTIAL
    near = abs(LADDER[given] - LADDER[wanted]) <= 1
    return NEIGHBOUR_CREDENTIAL if near else OTHER_CREDENTIAL


_EDGES = np.array([squared_chord(miles) for miles in DISTANCE_EDGES], np.float32)


def _place_codes(
    student: Student, regions: NDArray[np.int16], points: NDArray[np.float32]
) -> tuple[Codes, Codes]:
    if student.region < 0:
        same_state = np.full(len(regions), STATE_UNKNOWN, np.uint8)
        unplaced = np.full(len(regions), NO_PLACE_TO_COMPARE, np.uint8)
    else:
        # Booleans are the codes themselves: OTHER_STATE is 0, SAME_STATE 1.
        same_state = (regions == student.region).view(np.uint8) + np.uint8(OTHER_STATE)
        unplaced = np.uint8(ELSEWHERE_PLACE_UNKNOWN) - same_state * np.uint8(
            ELSEWHERE_PLACE_UNKNOWN - SAME_STATE_PLACE_UNKNOWN
        )
        nowhere = regions < 0
        same_state[nowhere] = STATE_UNKNOWN
        unplaced[nowhere] = NO_PLACE_TO_COMPARE
    if student.xyz is None:
        return unplaced, same_state
    squared = squared_chords(points, student.xyz)
    binned = np.searchsorted(_EDGES, squared, side="left").astype(np.uint8)
    return np.where(np.isnan(squared), unplaced, binned), same_state
