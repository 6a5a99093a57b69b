"""Computes the features that depend on a program and a student together."""

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import FORMATS, Catalog
from matcher.features.declared import (
    CROSS,
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
from matcher.features.pack import Codes, combinations
from matcher.features.program import Rows
from matcher.features.student import Student
from matcher.surroundings import Surroundings, squared_chord, squared_chords
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

# Many begin a bachelor's degree with an associate one: it speaks neither for a program nor against.
_ON_THE_WAY = (CredentialLevel.ASSOCIATE, CredentialLevel.BACHELOR)

_FORMAT_FIT: dict[Format, tuple[int, ...]] = {
    Format.EITHER: (NO_WISH,) * len(FORMATS),
    Format.CAMPUS: (FORMAT_UNKNOWN, FORMAT_MATCHES, FORMAT_DIFFERS, FORMAT_MATCHES),
    Format.ONLINE: (FORMAT_UNKNOWN, FORMAT_DIFFERS, FORMAT_MATCHES, FORMAT_MATCHES),
}


# What one step of each code adds to a packed number; NO_SPECIALTY and NO_WISH are 0.
_DISTANCE_WEIGHT, _STATE_WEIGHT, _SPECIALTY_WEIGHT, _FORMAT_WEIGHT, _ = (
    np.int32(combinations(CROSS[place:])) for place in range(1, len(CROSS) + 1)
)


def cross_codes(
    catalog: Catalog, student: Student, rows: Rows, around: Surroundings
) -> NDArray[np.int32]:
    """Compute the codes of ``declared.CROSS``, packed, for n programs.

    What is the same for all of them is added once; what depends on the place is computed for each
    spot and then spread.

    Args:
        catalog: the catalog.
        student: the student.
        rows: of the catalog, rising, shape (n,).
        around: what is around the student, of these programs.
    """
    packed = around.spread(_place_codes(student, around))
    if student.credential is not None:
        fits = specialty_fits(student.credential) * _SPECIALTY_WEIGHT
        packed += fits.take(catalog.credential.take(rows))
    if student.wish is not Format.EITHER:
        fits = format_fits(student.wish) * _FORMAT_WEIGHT
        packed += fits.take(catalog.format.take(rows))
    packed += _field_codes(catalog, student, rows)
    return packed


def _field_codes(catalog: Catalog, student: Student, rows: Rows) -> NDArray[np.uint8] | np.uint8:
    """The field-fit code of each program, or of all: programs lie in the catalog by field."""
    fits = student.field_fit
    one_field = not len(rows) or catalog.field[rows[0]] == catalog.field[rows[-1]]
    if one_field or fits.min() == fits.max():
        code: np.uint8 = fits[catalog.field[rows[0]]] if len(rows) else fits[0]
        return code
    return fits.take(catalog.field.take(rows))


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
    if (given, wanted) == _ON_THE_WAY:
        return NO_SPECIALTY
    steps = LADDER[given] - LADDER[wanted]
    if abs(steps) > 1:
        return OTHER_CREDENTIAL
    # What awards less than is usual does not lead there; its equal under another name does.
    return STEP_SHORT if steps < 0 else STEP_FURTHER


_EDGES = np.array([[squared_chord(miles)] for miles in DISTANCE_EDGES], np.float32)
_STATE_EDGES = np.array([squared_chord(miles) for miles in STATE_EDGES], np.float32)

# The distance code of a school without a published place, by its state code.
_UNPLACED = np.full(STATE_UNKNOWN + 1, ELSEWHERE_PLACE_UNKNOWN, np.int32)
_UNPLACED[SAME_STATE] = SAME_STATE_PLACE_UNKNOWN
_UNPLACED[STATE_UNKNOWN] = NO_PLACE_TO_COMPARE


def _place_codes(student: Student, around: Surroundings) -> NDArray[np.int32]:
    """Distance and state of each spot, packed, shape (m,)."""
    state = state_codes(student)
    packed: NDArray[np.int32] = (state * _STATE_WEIGHT).take(around.region)
    unplaced = (_UNPLACED[state] * _DISTANCE_WEIGHT).take(around.region)
    if around.squared is None:
        return packed + unplaced
    # Bytes are added up ten times faster than truth values are.
    bins = np.add.reduce((around.squared > _EDGES).view(np.uint8), axis=0, dtype=np.uint8)
    distance = np.multiply(bins, _DISTANCE_WEIGHT, dtype=np.int32)
    np.copyto(distance, unplaced, where=np.isnan(around.squared))
    packed += distance
    return packed


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
