"""Says why a listing is where it is: reasons that are true because a rule on the facts says so.

A reason needs both: a fact of the program (checked on the catalog's own figures) and a positive
contribution of that feature to this score. The largest contributions come first, three at most.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from matcher.catalog import VERDICTS, Catalog
from matcher.features.declared import (
    COMPLETERS_EDGES,
    FORMAT_MATCHES,
    PLACES,
    SAME_STATE,
    USUAL_CREDENTIAL,
)
from models.domain.levels import ELIGIBLE, CredentialLevel, EducationLevel
from models.domain.matching import Answers, Note, Program

MOST_REASONS = 3
NEAR_MILES = 50
MANY_COMPLETERS = COMPLETERS_EDGES[-2] + 1

_ABOVE = VERDICTS.index("above")

# What usually comes next, where that is less than everything that is open.
_NEXT_STEPS: Mapping[EducationLevel, frozenset[CredentialLevel]] = {
    **ELIGIBLE,
    EducationLevel.SOME_COLLEGE: frozenset({CredentialLevel.ASSOCIATE, CredentialLevel.BACHELOR}),
    EducationLevel.ASSOCIATE: frozenset({CredentialLevel.BACHELOR}),
}


@dataclass(frozen=True, slots=True)
class Case:
    """What a reason may speak of: the listing's facts, its codes in the ranker's order, answers."""

    catalog: Catalog
    row: int
    program: Program
    codes: tuple[int, ...]
    miles: float | None
    answers: Answers

    def code(self, feature: str) -> int:
        """The code of a feature."""
        return self.codes[PLACES[feature]]


def reasons(case: Case, added: Mapping[str, int]) -> tuple[Note, ...]:
    """The reasons to show, the one that adds most first.

    Args:
        case: the listing.
        added: what each feature adds to its score.
    """
    found = [
        (added[feature], place, note)
        for place, (feature, find) in enumerate(_REASONS)
        if added[feature] > 0 and (note := find(case)) is not None
    ]
    found.sort(key=lambda reason: (-reason[0], reason[1]))
    return tuple(note for _, _, note in found[:MOST_REASONS])


def _near(case: Case) -> Note | None:
    if case.miles is None or case.miles > NEAR_MILES:
        return None
    return Note("near_you", {"miles": case.miles})


def _same_state(case: Case) -> Note | None:
    if case.code("state") != SAME_STATE:
        return None
    region = int(case.catalog.region[case.catalog.school[case.row]])
    return Note("in_your_state", {"state": case.catalog.regions[region]})


def _level(case: Case) -> Note | None:
    credential = case.program.credential_level
    if credential not in _NEXT_STEPS[case.answers.education_level]:
        return None
    values = {
        "education_level": str(case.answers.education_level),
        "credential_level": str(credential),
    }
    return Note("fits_your_level", values)


def _specialty(case: Case) -> Note | None:
    if case.code("specialty_fit") != USUAL_CREDENTIAL or case.answers.specialty is None:
        return None
    credential = case.program.credential_level
    values = {"specialty": case.answers.specialty, "credential_level": str(credential)}
    return Note("fits_specialty", values)


def _completers(case: Case) -> Note | None:
    count = float(case.catalog.completers[case.row])
    return Note("many_completers", {"count": int(count)}) if count >= MANY_COMPLETERS else None


def _verdict(case: Case) -> Note | None:
    if case.catalog.verdict[case.row] != _ABOVE:
        return None
    earnings, threshold = case.catalog.earnings[case.row], case.catalog.threshold[case.row]
    return Note("earnings_above", {"earnings": int(earnings), "threshold": int(threshold)})


def _format(case: Case) -> Note | None:
    if case.code("format_fit") != FORMAT_MATCHES:
        return None
    return Note("format_matches", {"format": str(case.answers.format)})


_REASONS = (
    ("distance", _near),
    ("specialty_fit", _specialty),
    ("state", _same_state),
    ("credential", _level),
    ("format_fit", _format),
    ("completers", _completers),
    ("verdict", _verdict),
)
