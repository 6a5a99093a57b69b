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
    NO_PLACE_TO_COMPARE,
    NO_SPECIALTY,
    NO_WISH,
    OTHER_CREDENTIAL,
    SAME_STATE,
    SAME_STATE_PLACE_UNKNOWN,
    STATE_EDGES,
    STATE_UNKNOWN,
    STEP_FURTHER,
    STEP_SHORT,
    USUAL_CREDENTIAL,
)
from matcher.features.pack import Codes
from matcher.features.program import Rows
from matcher.features.student import Student
from matcher.geography import EARTH_RADIUS_MILES
from models.domain.levels import CredentialLevel, Format

# How far along each credential leads. From a master's degree to a doctorate is more than a step:
# who asks for an MBA does not mean one.
LADDER: dict[CredentialLevel, int] = {
    CredentialLevel.NON_CREDENTIAL: 0,
    CredentialLevel.UNDERGRADUATE_CERTIFICATE: 0,
    CredentialLevel.ASSOCIATE: 1,
    CredentialLevel.BACHELOR: 2,
    CredentialLevel.POST_BACCALAUREATE_CERTIFICATE: 3,
    CredentialLevel.GRADUATE_CERTIFICATE: 3,
    CredentialLevel.MASTER: 4,
    CredentialLevel.FIRST_PROFESSIONAL: 6,
    CredentialLevel.DOCTORAL: 6,
}

_FORMAT_FIT: dict[Format, tuple[int, ...]] = {
    Format.EITHER: (NO_WISH,) * len(FORMATS),
    Format.CAMPUS: (FORMAT_UNKNOWN, FORMAT_MATCHES, FORMAT_DIFFERS, FORMAT_MATCHES),
    Format.ONLINE: (FORMAT_UNKNOWN, FORMAT_DIFFERS, FORMAT_MATCHES, FORMAT_MATCHES),
}


def cross_columns(catalog: Catalog, student: Student, rows: Rows) -> tuple[Codes, ...]:
    """Compute the codes of ``declared.CROSS``, in that order, for programs ``rows`` (n,)."""
    distance, state = place_codes(catalog, student, catalog.school[rows])
    return (
        distance,
        state,
        specialty_fits(student.credential)[catalog.credential[rows]],
        format_fits(student.wish)[catalog.format[rows]],
        student.field_fit[catalog.field[rows]],
    )


def place_codes(
    catalog: Catalog, student: Student, schools: NDArray[np.int32]
) -> tuple[Codes, Codes]:
    """Compute distance and state for the schools of programs, shape (n,).

    Programs outnumber schools in dense fields: then each school is computed once.
    """
    if len(schools) <= len(catalog.region):
        return _place_codes(student, catalog.region[schools], catalog.xyz[schools])
    regions, points = np.asarray(catalog.region), np.asarray(catalog.xyz)
    distance, state = _place_codes(student, regions, points)
    return distance[schools], state[schools]


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
    steps = LADDER[given] - LADDER[wanted]
    if abs(steps) > 1:
        return OTHER_CREDENTIAL
    # What awards less than is usual does not lead there; its equal under another name does.
    return STEP_SHORT if steps < 0 else STEP_FURTHER


_EDGES = np.array([squared_chord(miles) for miles in DISTANCE_EDGES], np.float32)
_STATE_EDGES = np.array([squared_chord(miles) for miles in STATE_EDGES], np.float32)

# The distance code of a school without a published place, by its state code.
_UNPLACED = np.full(STATE_UNKNOWN + 1, ELSEWHERE_PLACE_UNKNOWN, np.uint8)
_UNPLACED[SAME_STATE] = SAME_STATE_PLACE_UNKNOWN
_UNPLACED[STATE_UNKNOWN] = NO_PLACE_TO_COMPARE


def _place_codes(
    student: Student, regions: NDArray[np.int16], points: NDArray[np.float32]
) -> tuple[Codes, Codes]:
    state = state_codes(student)[regions]
    unplaced = _UNPLACED[state]
    if student.xyz is None:
        return unplaced, state
    squared = squared_chords(points, student.xyz)
    binned = np.searchsorted(_EDGES, squared, side="left").astype(np.uint8)
    return np.where(np.isnan(squared), unplaced, binned), state


def state_codes(student: Student) -> Codes:
    """The state code of schools in each region, shape (R + 1,), the last of those in none.

    From where the student is, or from the middle of the region they chose, to the middle of the
    school's: what tells near states from far ones where no place is published. A region without
    a middle (the armed forces) is as far as can be.
    """
    middle = student.region_middle
    codes = np.full(len(middle) + 1, STATE_UNKNOWN, np.uint8)
    origin = student.xyz
    if origin is None and student.region >= 0:
        origin = middle[student.region]
    if origin is not None:
        # NaN sorts last: the bin of the farthest.
        codes[:-1] = np.searchsorted(_STATE_EDGES, squared_chords(middle, origin), side="left")
    if student.region >= 0:
        codes[student.region] = SAME_STATE
    return codes
