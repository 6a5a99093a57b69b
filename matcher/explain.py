"""Says why a listing is where it is: reasons that are true because a rule on the facts says so.

A reason needs both: a fact of the program (checked on the catalog's own figures) and a positive
contribution of that feature to this score. The largest contributions come first, three at most.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import CREDENTIALS, HORIZONS, VERDICTS
from matcher.features.declared import (
    COMPLETERS_EDGES,
    FORMAT_MATCHES,
    PLACES,
    SAME_STATE,
    USUAL_CREDENTIAL,
)
from matcher.figures import Figures
from models.domain.levels import ELIGIBLE, CredentialLevel, EducationLevel, Format
from models.domain.matching import Answers, Note, PlacePrecision, Program, School

MOST_REASONS = 3
NEAR_MILES = 50
MANY_COMPLETERS = COMPLETERS_EDGES[-2] + 1

# Years after completion; 0 where no earnings are published, and so no reason speaks of them.
_YEARS = tuple(0 if name == "none" else int(name.removesuffix("yr")) for name in HORIZONS)
_ABOVE = VERDICTS.index("above")
_SAME_STATE, _CREDENTIAL, _SPECIALTY_FIT, _FORMAT_FIT = (
    PLACES[name] for name in ("state", "credential", "specialty_fit", "format_fit")
)

# What usually comes next, where that is less than everything that is open.
_NEXT_STEPS: Mapping[EducationLevel, frozenset[CredentialLevel]] = {
    **ELIGIBLE,
    EducationLevel.SOME_COLLEGE: frozenset({CredentialLevel.ASSOCIATE, CredentialLevel.BACHELOR}),
    EducationLevel.ASSOCIATE: frozenset({CredentialLevel.BACHELOR}),
}


# How far a school is, as it is told: miles, or None; how well its place is known; and whether it
# is less than ``surroundings.UNSURE_MILES`` away by a place that is not exact.
Distance = tuple[float | None, PlacePrecision, bool]


@dataclass(frozen=True, slots=True)
class Cases:
    """What reasons may speak of, for the n listings of a page: lists of n, and the answers.

    ``codes`` are in the ranker's order.
    """

    answers: Answers
    programs: Sequence[Program]
    schools: Sequence[School]
    codes: Sequence[Sequence[int]]
    distances: Sequence[Distance]
    figures: Figures


# What one reason says of each listing: None where it is not true.
_Column = Sequence[Note | None]
_Value = str | int | float


def reasons(cases: Cases, added: NDArray[np.int32]) -> list[tuple[Note, ...]]:
    """The reasons to show of each listing, the one that adds most first; of equals as in _REASONS.

    Args:
        cases: the listings.
        added: what each feature adds to each score, in the ranker's order: shape (n, features).
    """
    true = [(place, column) for place, find in _REASONS if (column := find(cases)) is not None]
    if not true:
        return [()] * len(cases.programs)
    weights = added.take([place for place, _ in true], axis=1)
    turns = np.argsort(-weights, axis=1, kind="stable").tolist()
    raising = np.add.reduce((weights > 0).view(np.uint8), axis=1, dtype=np.intp).tolist()
    said = zip(*[column for _, column in true], strict=True)
    return [
        tuple([note for turn in first[:most] if (note := notes[turn]) is not None][:MOST_REASONS])
        for notes, first, most in zip(said, turns, raising, strict=True)
    ]


def _near(cases: Cases) -> _Column | None:
    """Said where miles are told, or a place is near that is not known so well."""
    if cases.answers.postal_code is None:
        return None
    shared = _Shared("in_or_near")
    return [
        _how_near(school, distance, shared)
        for school, distance in zip(cases.schools, cases.distances, strict=True)
    ]


def _how_near(school: School, distance: Distance, shared: "_Shared") -> Note | None:
    miles, precision, nearby = distance
    if nearby:
        return _SOMEWHERE_NEAR if school.city is None else shared.note("city", school.city)
    if miles is None or miles > NEAR_MILES:
        return None
    code = "near_you"
    if precision is not PlacePrecision.EXACT:
        code = "near_you_by_city" if school.city else "near_you_by_area"
    return Note(code, {"miles": miles})


def _same_state(cases: Cases) -> _Column | None:
    states = [codes[_SAME_STATE] for codes in cases.codes]
    if SAME_STATE not in states:
        return None
    shared = _Shared("in_your_state")
    return [
        shared.note("state", school.state)
        if state == SAME_STATE and school.state is not None
        else None
        for state, school in zip(states, cases.schools, strict=True)
    ]


def _level(cases: Cases) -> _Column:
    fits = _fits(cases.answers.education_level)
    return [fits[codes[_CREDENTIAL]] for codes in cases.codes]


@cache
def _fits(level: EducationLevel) -> Sequence[Note | None]:
    """What is said of each credential code."""
    return tuple(
        Note("fits_your_level", {"education_level": str(level), "credential_level": str(one)})
        if one in _NEXT_STEPS[level]
        else None
        for one in CREDENTIALS
    )


def _specialty(cases: Cases) -> _Column | None:
    specialty = cases.answers.specialty
    if specialty is None:
        return None
    shared = _Shared("fits_specialty", specialty=specialty)
    return [
        shared.note("credential_level", str(program.credential_level))
        if codes[_SPECIALTY_FIT] == USUAL_CREDENTIAL
        else None
        for codes, program in zip(cases.codes, cases.programs, strict=True)
    ]


def _completers(cases: Cases) -> _Column:
    return [
        Note("many_completers", {"count": int(count)}) if count >= MANY_COMPLETERS else None
        for count in cases.figures.completers
    ]


def _verdict(cases: Cases) -> _Column:
    return [
        _above(cases, place) if verdict == _ABOVE else None
        for place, verdict in enumerate(cases.figures.verdict)
    ]


def _above(cases: Cases, place: int) -> Note:
    figures = cases.figures
    return Note(
        "earnings_above",
        {
            "earnings": int(figures.earnings[place]),
            "threshold": int(figures.threshold[place]),
            "years": _YEARS[figures.horizon[place]],
            "region": cases.schools[place].state or "",
        },
    )


def _format(cases: Cases) -> _Column | None:
    wish = cases.answers.format
    if wish is Format.EITHER:
        return None
    note = Note("format_matches", {"format": str(wish)})
    return [note if codes[_FORMAT_FIT] == FORMAT_MATCHES else None for codes in cases.codes]


class _Shared:
    """Notes of one code: one for all listings of a page that it says the same of.

    Args:
        code: theirs.
        same: values that all have.
    """

    def __init__(self, code: str, **same: _Value) -> None:
        self._code = code
        self._same = same
        self._said: dict[str, Note] = {}

    def note(self, name: str, value: str) -> Note:
        """Give the note with one more value."""
        said = self._said.get(value)
        if said is None:
            said = self._said[value] = Note(self._code, {**self._same, name: value})
        return said


_SOMEWHERE_NEAR = Note("somewhere_near", {})
_REASONS: tuple[tuple[int, Callable[[Cases], _Column | None]], ...] = tuple(
    (PLACES[feature], find)
    for feature, find in (
        ("distance", _near),
        ("specialty_fit", _specialty),
        ("state", _same_state),
        ("credential", _level),
        ("format_fit", _format),
        ("completers", _completers),
        ("verdict", _verdict),
    )
)
