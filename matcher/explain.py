"""Says why a listing is where it is: reasons that are true because a rule on the facts says so.

A reason needs both: a fact of the program (checked on the catalog's own figures) and a positive
contribution of that feature to this score. The largest contributions come first, three at most.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import HORIZONS, VERDICTS
from matcher.features.declared import (
    COMPLETERS_EDGES,
    FORMAT_MATCHES,
    PLACES,
    SAME_STATE,
    USUAL_CREDENTIAL,
)
from models.domain.levels import ELIGIBLE, CredentialLevel, EducationLevel
from models.domain.matching import Answers, Note, PlacePrecision, Program, School

MOST_REASONS = 3
NEAR_MILES = 50
MANY_COMPLETERS = COMPLETERS_EDGES[-2] + 1

# Years after completion; 0 where no earnings are published, and so no reason speaks of them.
_YEARS = tuple(0 if name == "none" else int(name.removesuffix("yr")) for name in HORIZONS)
_ABOVE = VERDICTS.index("above")
_SAME_STATE, _SPECIALTY_FIT, _FORMAT_FIT = (
    PLACES[name] for name in ("state", "specialty_fit", "format_fit")
)

# What usually comes next, where that is less than everything that is open.
_NEXT_STEPS: Mapping[EducationLevel, frozenset[CredentialLevel]] = {
    **ELIGIBLE,
    EducationLevel.SOME_COLLEGE: frozenset({CredentialLevel.ASSOCIATE, CredentialLevel.BACHELOR}),
    EducationLevel.ASSOCIATE: frozenset({CredentialLevel.BACHELOR}),
}


class Distance(NamedTuple):
    """How far a school is, as it is told; ``miles`` None where no miles are.

    ``nearby``: less than ``surroundings.UNSURE_MILES`` by a place that is not exact.
    """

    miles: float | None
    precision: PlacePrecision
    nearby: bool = False


@dataclass(frozen=True, slots=True)
class Cases:
    """What reasons may speak of, for the n listings of a page: lists of n, and the answers.

    ``codes`` are in the ranker's order; ``completers``, ``earnings``, ``threshold`` NaN where
    nothing is published; ``horizon`` codes of the catalog. ``said`` keeps the notes that several
    listings share.
    """

    answers: Answers
    programs: Sequence[Program]
    schools: Sequence[School]
    codes: Sequence[Sequence[int]]
    distances: Sequence[Distance]
    verdict: Sequence[int]
    completers: Sequence[float]
    earnings: Sequence[float]
    threshold: Sequence[float]
    horizon: Sequence[int]
    said: dict[tuple[str, str], Note] = field(default_factory=dict)


def reasons(cases: Cases, added: NDArray[np.int32]) -> list[tuple[Note, ...]]:
    """The reasons to show of each listing, the one that adds most first; of equals as in _REASONS.

    Args:
        cases: the listings.
        added: what each feature adds to each score, in the ranker's order: shape (n, features).
    """
    weights = added.take(_PLACES, axis=1)
    turns = np.argsort(-weights, axis=1, kind="stable").tolist()
    raising = np.count_nonzero(weights > 0, axis=1).tolist()
    return [
        tuple(_first_true(cases, place, turns[place][: raising[place]]))
        for place in range(len(turns))
    ]


def _first_true(cases: Cases, place: int, turns: Sequence[int]) -> list[Note]:
    shown: list[Note] = []
    for turn in turns:
        note = _FIND[turn](cases, place)
        if note is not None:
            shown.append(note)
            if len(shown) == MOST_REASONS:
                break
    return shown


def _near(cases: Cases, place: int) -> Note | None:
    miles, precision, nearby = cases.distances[place]
    if nearby:
        city = cases.schools[place].city
        if city is None:
            return _shared(cases, "somewhere_near", "", dict)
        return _shared(cases, "in_or_near", city, lambda: {"city": city})
    if miles is None or miles > NEAR_MILES:
        return None
    code = "near_you"
    if precision is not PlacePrecision.EXACT:
        code = "near_you_by_city" if cases.schools[place].city else "near_you_by_area"
    return Note(code, {"miles": miles})


def _same_state(cases: Cases, place: int) -> Note | None:
    state = cases.schools[place].state
    if cases.codes[place][_SAME_STATE] != SAME_STATE or state is None:
        return None
    return _shared(cases, "in_your_state", state, lambda: {"state": state})


def _level(cases: Cases, place: int) -> Note | None:
    credential, level = cases.programs[place].credential_level, cases.answers.education_level
    if credential not in _NEXT_STEPS[level]:
        return None
    return _shared(
        cases,
        "fits_your_level",
        credential,
        lambda: {"education_level": str(level), "credential_level": str(credential)},
    )


def _specialty(cases: Cases, place: int) -> Note | None:
    specialty = cases.answers.specialty
    if cases.codes[place][_SPECIALTY_FIT] != USUAL_CREDENTIAL or specialty is None:
        return None
    credential = cases.programs[place].credential_level
    return _shared(
        cases,
        "fits_specialty",
        credential,
        lambda: {"specialty": specialty, "credential_level": str(credential)},
    )


def _completers(cases: Cases, place: int) -> Note | None:
    count = cases.completers[place]
    return Note("many_completers", {"count": int(count)}) if count >= MANY_COMPLETERS else None


def _verdict(cases: Cases, place: int) -> Note | None:
    if cases.verdict[place] != _ABOVE:
        return None
    return Note(
        "earnings_above",
        {
            "earnings": int(cases.earnings[place]),
            "threshold": int(cases.threshold[place]),
            "years": _YEARS[cases.horizon[place]],
            "region": cases.schools[place].state or "",
        },
    )


def _format(cases: Cases, place: int) -> Note | None:
    if cases.codes[place][_FORMAT_FIT] != FORMAT_MATCHES:
        return None
    wish = str(cases.answers.format)
    return _shared(cases, "format_matches", wish, lambda: {"format": wish})


def _shared(
    cases: Cases, code: str, about: str, values: Callable[[], Mapping[str, str | int | float]]
) -> Note:
    """One note for all listings of a page that it says the same of."""
    note = cases.said.get((code, about))
    if note is None:
        note = cases.said[code, about] = Note(code, values())
    return note


_REASONS: tuple[tuple[str, Callable[[Cases, int], Note | None]], ...] = (
    ("distance", _near),
    ("specialty_fit", _specialty),
    ("state", _same_state),
    ("credential", _level),
    ("format_fit", _format),
    ("completers", _completers),
    ("verdict", _verdict),
)
_PLACES = tuple(PLACES[feature] for feature, _ in _REASONS)
_FIND = tuple(find for _, find in _REASONS)
