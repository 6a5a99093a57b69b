"""The published rules that the first ranker of an installation is fitted to.

Weights are log-odds of a student asking a school for information, everything else being equal.
They are our judgement, not data: docs/ranking.md shows them to everyone (a test compares), the
card says ``provenance: prior``, and a ranker that learned from what happened replaces them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.features.declared import FEATURES, PLACES
from models.domain.levels import CredentialLevel, EducationLevel

C, E = CredentialLevel, EducationLevel


@dataclass(frozen=True, slots=True)
class Rule:
    """What each code of one feature adds to the score."""

    feature: str
    why: str
    weights: tuple[float, ...]


RULES: tuple[Rule, ...] = (
    Rule(
        "completers",
        "A program that many finish exists and works; one that reports no graduates may be new, "
        "closing or on paper only.",
        (-0.4, -2.2, 0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8),
    ),
    Rule(
        "verdict",
        "A program whose graduates earn less than a typical high-school graduate goes down.",
        (0.0, 0.15, -1.6),
    ),
    Rule(
        "distance",
        "Near first. In the same state with no published place counts as an hour or two away; a "
        "school of which not even the state is known comes last.",
        (2.0, 1.9, 1.7, 1.3, 0.8, 0.3, 0.0, -0.3, 0.8, 0.0, -0.5),
    ),
    Rule(
        "state",
        "In the same state: tuition, licences and transfer agreements stop at its border. "
        "Elsewhere near states before far ones.",
        (1.25, 0.9, 0.6, 0.35, -0.1, -0.3, -0.6, -1.0, -1.5, -1.8, 1.7, -1.8),
    ),
    Rule(
        "control",
        "A public school usually costs its state's students least; ask a for-profit one why it is "
        "worth more.",
        (0.25, 0.0, -0.2),
    ),
    Rule(
        "credential_share",
        "What most people in a field finish with is what it usually takes: few teachers have a "
        "certificate, few welders a bachelor's degree.",
        (0.0, -0.7, -0.3, 0.0, 0.2),
    ),
    Rule(
        "specialty_fit",
        "A would-be medical coder sees certificates and associates before bachelor's degrees in "
        "administration; a dental hygienist needs a degree, so that a certificate falls short.",
        (0.0, 1.4, 0.4, -1.0, -1.2),
    ),
    Rule(
        "format_fit",
        "A published format that is the one asked for.",
        (0.0, 0.3, 0.0, -0.6),
    ),
    Rule(
        "field_fit",
        "The field that the student's words mean first, before other meanings.",
        (0.0, -0.3, 0.0),
    ),
)

_NEXT: Mapping[EducationLevel, Mapping[CredentialLevel, float]] = {
    E.NO_DIPLOMA: {C.UNDERGRADUATE_CERTIFICATE: 0.3, C.NON_CREDENTIAL: 0.3},
    E.STILL_IN_HIGH_SCHOOL: {C.UNDERGRADUATE_CERTIFICATE: 0.3, C.ASSOCIATE: 0.4, C.BACHELOR: 0.5},
    E.HIGH_SCHOOL: {C.UNDERGRADUATE_CERTIFICATE: 0.5, C.ASSOCIATE: 0.5, C.BACHELOR: 0.3},
    E.SOME_COLLEGE: {C.UNDERGRADUATE_CERTIFICATE: -0.2, C.ASSOCIATE: 0.5, C.BACHELOR: 0.9},
    E.ASSOCIATE: {C.UNDERGRADUATE_CERTIFICATE: -0.2, C.ASSOCIATE: 0.1, C.BACHELOR: 1.1},
    E.BACHELOR: {
        C.POST_BACCALAUREATE_CERTIFICATE: 0.3,
        C.GRADUATE_CERTIFICATE: 0.35,
        C.MASTER: 0.6,
        C.FIRST_PROFESSIONAL: 0.3,
        C.DOCTORAL: 0.2,
    },
    E.MASTER: {
        C.GRADUATE_CERTIFICATE: 0.35,
        C.MASTER: 0.2,
        C.FIRST_PROFESSIONAL: 0.3,
        C.DOCTORAL: 0.5,
    },
    E.DOCTORATE: {
        C.GRADUATE_CERTIFICATE: 0.4,
        C.MASTER: 0.2,
        C.FIRST_PROFESSIONAL: 0.2,
        C.DOCTORAL: 0.2,
    },
}

# Rows are education levels, columns credentials, both in the order of their codes.
LEVEL_FIT: NDArray[np.float64] = np.array(
    [[_NEXT[level].get(credential, 0.0) for credential in C] for level in E]
)


def rule_scores(codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    """What the rules give each row of codes, shape (n, features)."""
    level = codes[:, PLACES["education_level"]]
    total: NDArray[np.float64] = LEVEL_FIT[level, codes[:, PLACES["credential"]]].copy()
    for rule in RULES:
        total += np.array(rule.weights)[codes[:, PLACES[rule.feature]]]
    return total


def rules_table() -> str:
    """The rules as the Markdown that docs/ranking.md holds."""
    lines = ["| what | code | adds |", "|---|---|---:|"]
    for rule in RULES:
        feature = FEATURES[PLACES[rule.feature]]
        lines += [
            f"| {rule.feature} | {label} | {weight:+.2f} |"
            for label, weight in zip(feature.labels, rule.weights, strict=True)
        ]
    for level in E:
        lines += [
            f"| level fit: {level} | {credential} | {weight:+.2f} |"
            for credential, weight in _NEXT[level].items()
        ]
    return "\n".join(lines)
