"""Computes the features that depend on a program and a student together."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

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
from matcher.surroundings import IN_RANGE, Surroundings, squared_chord, squared_chords
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


_UNKNOWN_FORMAT = FORMATS.index("unknown")

# What one step of each code adds to a packed number; NO_SPECIALTY and NO_WISH are 0.
_DISTANCE_WEIGHT, _STATE_WEIGHT, _SPECIALTY_WEIGHT, _FORMAT_WEIGHT, _ = (
    np.int32(combinations(CROSS[place:])) for place in range(1, len(CROSS) + 1)
)


@dataclass(frozen=True, slots=True)
class CrossCodes:
    """The codes of ``declared.CROSS`` of n programs, packed, in parts that are added up.

    ``cells`` int32: what each combination of region and bin of distance is worth, with what is the
    same for all programs; ``cell`` int16 or int32 (m,): that of each spot; ``around`` spreads spots
    over programs; ``own`` int32 (n,): what depends on the program itself, None where nothing does.
    """

    cells: NDArray[np.int32]
    cell: NDArray[np.signedinteger[Any]]
    around: Surroundings
    own: NDArray[np.int32] | None

    def take(self, programs: NDArray[np.int64] | Sequence[int]) -> NDArray[np.int32]:
        """Compute the packed codes of some of the programs, by their places, shape (k,)."""
        at = self.around.at
        packed = self.cells.take(self.cell.take(programs if at is None else at.take(programs)))
        if self.own is not None:
            packed += self.own.take(programs)
        return packed

    def all(self) -> NDArray[np.int32]:
        """Compute the packed codes of all programs, shape (n,)."""
        packed = self.around.spread(self.cells.take(self.cell))
        return packed if self.own is None else packed + self.own


def cross_codes(
    catalog: Catalog,
    student: Student,
    rows: Rows,
    published: NDArray[np.uint8] | None,
    around: Surroundings,
) -> CrossCodes:
    """Compute the codes of ``declared.CROSS`` for n programs.

    What is the same for all of them is added once; what depends on the place is computed for each
    spot.

    Args:
        catalog: the catalog.
        student: the student.
        rows: of the catalog, rising, shape (n,).
        published: their formats, shape (n,), None where none is published.
        around: what is around the student, of these programs.
    """
    cells, cell = _places(student, around)
    same, own = _same_or_own(student.field_fit, catalog.field, rows)
    if student.credential is not None:
        fits = specialty_fits(student.credential) * _SPECIALTY_WEIGHT
        own = _sum(own, fits.take(catalog.credential.take(rows, mode=IN_RANGE), mode=IN_RANGE))
    if student.wish is not Format.EITHER:
        fits = format_fits(student.wish) * _FORMAT_WEIGHT
        if published is None:
            same += int(fits[_UNKNOWN_FORMAT])
        else:
            own = _sum(own, fits.take(published))
    cells += np.int32(same)
    return CrossCodes(cells, cell, around, own)


def _same_or_own(
    fits: NDArray[np.uint8], field: NDArray[np.int16], rows: Rows
) -> tuple[int, NDArray[np.int32] | None]:
    """The field-fit code of all programs, or of each: programs lie in the catalog by field."""
    if not len(rows):
        return int(fits[0]), None
    first, last = field.item(rows.item(0)), field.item(rows.item(-1))
    if first == last or fits.min() == fits.max():
        return int(fits[first]), None
    return 0, fits.take(field.take(rows, mode=IN_RANGE), mode=IN_RANGE).astype(np.int32)


def _sum(one: NDArray[np.int32] | None, other: NDArray[np.int32]) -> NDArray[np.int32]:
    return other if one is None else one + other


@cache
def specialty_fits(wanted: CredentialLevel | None) -> NDArray[np.uint8]:
    """The specialty-fit code of each credential code."""
    if wanted is None:
        return np.full(len(LADDER), NO_SPECIALTY, np.uint8)
    return np.array([_specialty_fit(wanted, given) for given in CredentialLevel], np.uint8)


@cache
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


# The last: everything that has a place is nearer.
_EDGES = np.array([[squared_chord(miles)] for miles in DISTANCE_EDGES] + [[np.inf]], np.float32)
# The distance code by how many edges are not passed; without a place, none is: it comes later.
_BY_EDGES = np.arange(len(_EDGES), -1, -1, dtype=np.int32) * _DISTANCE_WEIGHT
_STATE_EDGES = np.array([squared_chord(miles) for miles in STATE_EDGES], np.float32)


def _cells_of_states() -> NDArray[np.int32]:
    """Distance and state, packed, by state code and by how many edges are not passed."""
    states = np.arange(STATE_UNKNOWN + 1, dtype=np.int32)[:, np.newaxis]
    cells: NDArray[np.int32] = states * _STATE_WEIGHT + _BY_EDGES
    # Without a published place none is passed.
    unplaced = np.full(len(states), ELSEWHERE_PLACE_UNKNOWN, np.int32)
    unplaced[SAME_STATE] = SAME_STATE_PLACE_UNKNOWN
    unplaced[STATE_UNKNOWN] = NO_PLACE_TO_COMPARE
    cells[:, 0] = states[:, 0] * _STATE_WEIGHT + unplaced * _DISTANCE_WEIGHT
    return cells


_CELLS = _cells_of_states()
_UNPLACED = np.ascontiguousarray(_CELLS[:, 0])


def _places(
    student: Student, around: Surroundings
) -> tuple[NDArray[np.int32], NDArray[np.signedinteger[Any]]]:
    """Distance and state, packed, of each cell; and the cell of each spot, shape (m,)."""
    state = state_codes(student)
    if around.squared is None:
        return _UNPLACED.take(state), around.region
    cells = _CELLS.take(state, axis=0)
    # Bytes are added up ten times faster than truth values are.
    nearer = np.add.reduce((around.squared <= _EDGES).view(np.uint8), axis=0, dtype=np.uint8)
    # A region that is not known is the last: -1.
    return cells.ravel(), around.region * np.int16(len(_BY_EDGES)) + nearer


def state_codes(student: Student) -> Codes:
    """The state code of schools in each region, shape (R + 1,), the last of those in none.

    From where the student is, or from the middle of the region they chose, to the middle of the
    school's: what tells near states from far ones where no place is published. A region without
    a middle (the armed forces) is as far as can be.
    """
    middle = student.region_middle
    codes = np.empty(middle.shape[1] + 1, np.intp)
    codes.fill(STATE_UNKNOWN)
    origin = student.xyz
    if origin is None and student.region >= 0:
        origin = middle[:, student.region]
    if origin is not None:
        # NaN sorts last: the bin of the farthest.
        codes[:-1] = _STATE_EDGES.searchsorted(squared_chords(middle, origin), side="left")
    if student.region >= 0:
        codes[student.region] = SAME_STATE
    return codes
