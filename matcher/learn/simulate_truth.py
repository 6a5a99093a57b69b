"""What simulated students want: the known truth that a learned ranker can be judged by.

Invented, not measured. On purpose other than the prior's published rules (docs/ranking.md): these
students look at earnings, debt and who runs a school, care less for how many complete a program,
and the more education they have the further they go. docs/learning.md shows the tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.features.declared import FEATURES, PLACES
from models.domain.levels import CredentialLevel, EducationLevel

Codes = NDArray[np.uint8]
Numbers = NDArray[np.float64]

# Log-odds that each code of a feature adds to a click on a listing that is looked at.
WANTS: Mapping[str, tuple[float, ...]] = {
    "completers": (0.0, -0.3, 0.0, 0.0, 0.1, 0.2, 0.2, 0.1, 0.0),
    "verdict": (0.0, 0.1, -0.3),
    "earnings": (-0.2, -0.9, -0.6, -0.2, 0.3, 0.8, 1.2, 1.4),
    "debt_to_earnings": (0.0, 0.6, 0.3, 0.0, -0.3, -0.6, -0.9),
    "control": (0.5, 0.1, -0.5),
    "distance": (1.6, 1.5, 1.2, 0.8, 0.3, -0.2, -0.5, -0.7, 0.4, -0.5, -0.2),
    "state": (*(0.0,) * 10, 0.3, 0.0),
    "specialty_fit": (0.0, 0.9, 0.2, 0.2, -0.8),
    "format_fit": (0.0, 0.8, 0.0, -1.0),
    "field_fit": (0.0, -0.5, 0.0),
}

# How much of the wish to stay near is left at each level, in the order of EducationLevel.
NEARNESS: tuple[float, ...] = (1.2, 1.1, 1.2, 1.1, 1.0, 0.6, 0.5, 0.3)

C, E = CredentialLevel, EducationLevel
NEXT_STEPS: Mapping[EducationLevel, Mapping[CredentialLevel, float]] = {
    E.STILL_IN_HIGH_SCHOOL: {C.BACHELOR: 0.9, C.ASSOCIATE: 0.2},
    E.HIGH_SCHOOL: {C.UNDERGRADUATE_CERTIFICATE: 0.4, C.ASSOCIATE: 0.7, C.BACHELOR: 0.2},
    E.SOME_COLLEGE: {C.BACHELOR: 0.8, C.ASSOCIATE: 0.3},
    E.ASSOCIATE: {C.BACHELOR: 1.1},
    E.BACHELOR: {C.MASTER: 0.8, C.GRADUATE_CERTIFICATE: 0.4, C.FIRST_PROFESSIONAL: 0.1},
    E.MASTER: {C.DOCTORAL: 0.6, C.GRADUATE_CERTIFICATE: 0.3},
    E.DOCTORATE: {C.GRADUATE_CERTIFICATE: 0.5, C.MASTER: 0.2},
}

CLICK, REQUEST, ACCEPTED = -2.2, -0.8, 0.6
# After a click the school's page says more of the same: the wish counts again, weaker.
WISH_AT_REQUEST = 0.5


@dataclass(frozen=True, slots=True)
class Tastes:
    """How far students and schools differ from the tables, as standard deviations of log-odds.

    ``student`` is one student's weight on earnings and debt, ``school`` a quality of a school that
    no feature tells, ``listing`` everything else. ``drift`` is how far
    all wishes have moved from the tables: at 1 distance counts nothing, and earnings twice.
    ``answer_days`` is how many days schools take to answer, on average; at 0 they do at once.
    """

    student: float = 0.3
    school: float = 0.3
    listing: float = 0.3
    drift: float = 0.0
    answer_days: float = 0.0


def wishes(codes: Codes, drift: float = 0.0) -> Numbers:
    """How much each listing is wanted, from its codes (n, features): log-odds, shape (n,)."""
    weights = {"distance": 1 - drift, "earnings": 1 + drift}
    level = codes[:, PLACES["education_level"]]
    total: Numbers = _NEXT_STEPS[level, codes[:, PLACES["credential"]]].copy()
    for feature, table in _TABLES.items():
        added = table[codes[:, PLACES[feature]]] * weights.get(feature, 1.0)
        total += added * _NEARNESS[level] if feature == "distance" else added
    return total


def click_chances(wanted: Numbers) -> Numbers:
    """P(click | looked at) of listings wanted that much, shape (n,)."""
    return _chance(CLICK + wanted)


def request_chances(wanted: Numbers) -> Numbers:
    """P(request | clicked, the school can be asked), shape (n,)."""
    return _chance(REQUEST + WISH_AT_REQUEST * wanted)


def true_gains(codes: Codes, click: float, request: float) -> Numbers:
    """The expected gain of a listing that is looked at and can be asked, tastes left out."""
    wanted = wishes(codes)
    return click_chances(wanted) * (click + request * request_chances(wanted))


def school_qualities(unitids: NDArray[np.int64], spread: float) -> Numbers:
    """A hidden quality of each school, the same in every run: mean 0, that standard deviation."""
    qualities: Numbers = spread * np.sqrt(12.0) * (_fraction(unitids, 0x9E3779B97F4A7C15) - 0.5)
    return qualities


def acceptance_chances(unitids: NDArray[np.int64]) -> Numbers:
    """P(accepted | request) of each school: it has its own habits, the same in every run."""
    return _chance(ACCEPTED + 3.0 * (_fraction(unitids, 0xC2B2AE3D27D4EB4F) - 0.5))


def _fraction(unitids: NDArray[np.int64], odd: int) -> Numbers:
    """A fixed number in 0..1 for each school."""
    mixed = unitids.astype(np.uint64) * np.uint64(odd)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    fraction: Numbers = (mixed >> np.uint64(11)).astype(np.float64) / float(1 << 53)
    return fraction


def _chance(log_odds: Numbers) -> Numbers:
    chance: Numbers = 1 / (1 + np.exp(-log_odds))
    return chance


_TABLES = {name: np.array(weights) for name, weights in WANTS.items()}
_NEARNESS = np.array(NEARNESS)
_NEXT_STEPS = np.array([[NEXT_STEPS.get(e, {}).get(c, 0.0) for c in C] for e in E])


def truth_table() -> str:
    """The tables as the Markdown that docs/learning.md holds."""
    lines = ["| what | code | adds |", "|---|---|---:|"]
    for name, weights in WANTS.items():
        labels = FEATURES[PLACES[name]].labels
        lines += [
            f"| {name} | {label} | {weight:+.2f} |"
            for label, weight in zip(labels, weights, strict=True)
        ]
    lines += [
        f"| {level} | {credential} | {weight:+.2f} |"
        for level, steps in NEXT_STEPS.items()
        for credential, weight in steps.items()
    ]
    return "\n".join(lines)
