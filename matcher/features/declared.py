"""Every feature of the ranker, declared once: name, group, unit, range, source, bins.

A feature is a small integer code. Groups keep apart what depends on the program alone, on the
program and the student (cross), and on the student's request alone: no tree of a ranker mixes
program with cross features, which is what makes a score a sum of two table look-ups. The names,
their order and their bins are part of a ranker's version; ``program`` and ``cross`` compute them.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum

from models.domain.levels import CredentialLevel, EducationLevel, Format


class Group(StrEnum):
    """What a feature depends on."""

    PROGRAM = "program"
    CROSS = "cross"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature; codes are places in ``labels``.

    ``edges`` are the inclusive upper ends of the numeric bins, the last of which is open; the first
    has the code ``first_bin``. ``neutral`` is the code that contributions compare with.
    """

    name: str
    group: Group
    unit: str
    range: str
    source: str
    labels: tuple[str, ...]
    neutral: int
    edges: tuple[float, ...] = ()
    first_bin: int = 1

    @property
    def size(self) -> int:
        """How many codes there are."""
        return len(self.labels)


DISTANCE_EDGES = (5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0)
COMPLETERS_EDGES = (0.0, 4.0, 9.0, 19.0, 49.0, 99.0, 249.0)
EARNINGS_EDGES = (25_000.0, 35_000.0, 45_000.0, 55_000.0, 70_000.0, 90_000.0)
DEBT_TO_EARNINGS_EDGES = (0.25, 0.5, 0.75, 1.0, 1.5)

CREDENTIAL_SHARE_EDGES = (0.05, 0.2, 0.5)
STATE_EDGES = (75.0, 150.0, 225.0, 300.0, 400.0, 550.0, 750.0, 1200.0, 2500.0)

# Codes of cross features, by name: the code that computes them and the rules that weigh them meet
# here. The codes before these are the bins of DISTANCE_EDGES and STATE_EDGES.
SAME_STATE_PLACE_UNKNOWN = 8
ELSEWHERE_PLACE_UNKNOWN = 9
NO_PLACE_TO_COMPARE = 10
SAME_STATE, STATE_UNKNOWN = 10, 11
NO_SPECIALTY, USUAL_CREDENTIAL, STEP_FURTHER, STEP_SHORT, OTHER_CREDENTIAL = 0, 1, 2, 3, 4
NO_WISH, FORMAT_MATCHES, FORMAT_UNKNOWN, FORMAT_DIFFERS = 0, 1, 2, 3
FIRST_FIELD, LATER_FIELD, FIELD_NOT_ASKED = 0, 1, 2

_SCORECARD = "College Scorecard, field of study"

PROGRAM: tuple[Feature, ...] = (
    Feature(
        "completers",
        Group.PROGRAM,
        "graduates in the counted years",
        "0 or more",
        _SCORECARD,
        ("not published", "none", "1-4", "5-9", "10-19", "20-49", "50-99", "100-249", "250+"),
        neutral=2,
        edges=COMPLETERS_EDGES,
    ),
    Feature(
        "verdict",
        Group.PROGRAM,
        "median earnings against a typical high-school graduate's",
        "not judged, above, below",
        "the catalog's value flag",
        ("not judged", "above", "below"),
        neutral=0,
    ),
    Feature(
        "earnings",
        Group.PROGRAM,
        "USD a year, median",
        "0 or more",
        _SCORECARD,
        ("not published", "-25k", "-35k", "-45k", "-55k", "-70k", "-90k", "90k+"),
        neutral=0,
        edges=EARNINGS_EDGES,
    ),
    Feature(
        "debt_to_earnings",
        Group.PROGRAM,
        "median federal debt over median yearly earnings",
        "0 or more",
        _SCORECARD,
        ("not published", "-0.25", "-0.5", "-0.75", "-1", "-1.5", "1.5+"),
        neutral=0,
        edges=DEBT_TO_EARNINGS_EDGES,
    ),
    Feature(
        "control",
        Group.PROGRAM,
        "who runs the school",
        "public, private nonprofit, private for-profit",
        "College Scorecard, institution",
        ("public", "private_nonprofit", "private_for_profit"),
        neutral=0,
    ),
    Feature(
        "credential",
        Group.PROGRAM,
        "what the program awards",
        "credential levels",
        _SCORECARD,
        tuple(CredentialLevel),
        neutral=tuple(CredentialLevel).index(CredentialLevel.NON_CREDENTIAL),
    ),
    Feature(
        "credential_share",
        Group.PROGRAM,
        "share of the field's undergraduate (or graduate) graduates who took this credential",
        "0 to 1",
        f"{_SCORECARD}, counted over the catalog",
        ("not published", "-0.05", "-0.2", "-0.5", "0.5+"),
        neutral=0,
        edges=CREDENTIAL_SHARE_EDGES,
    ),
)

CROSS: tuple[Feature, ...] = (
    Feature(
        "distance",
        Group.CROSS,
        "miles, great circle",
        "0 to 12,500",
        "the catalog's places and the student's postal code",
        (
            "-5",
            "-10",
            "-25",
            "-50",
            "-100",
            "-250",
            "-500",
            "500+",
            "same state, place unknown",
            "elsewhere, place unknown",
            "no place to compare",
        ),
        neutral=ELSEWHERE_PLACE_UNKNOWN,
        edges=DISTANCE_EDGES,
        first_bin=0,
    ),
    Feature(
        "state",
        Group.CROSS,
        "miles from the student to the middle of the school's state, unless it is the student's",
        "0 to 12,500, the own state, unknown",
        "the catalog's places and the student's postal code or state",
        (
            *("-75", "-150", "-225", "-300", "-400", "-550", "-750", "-1200", "-2500", "2500+"),
            "own state",
            "unknown",
        ),
        neutral=6,
        edges=STATE_EDGES,
        first_bin=0,
    ),
    Feature(
        "specialty_fit",
        Group.CROSS,
        "credential against the specialty's usual one",
        "no specialty or on the way, usual, a step further, a step short, two steps away or more",
        "the specialty's usual credential",
        ("no specialty or on the way", "usual", "a step further", "a step short", "two steps away"),
        neutral=NO_SPECIALTY,
    ),
    Feature(
        "format_fit",
        Group.CROSS,
        "format against the student's wish",
        "no wish, matches, not published, differs",
        "official field-of-study file, or the school",
        ("no wish", "matches", "not published", "differs"),
        neutral=NO_WISH,
    ),
    Feature(
        "field_fit",
        Group.CROSS,
        "field against the student's words",
        "first meaning, later meaning, not asked for",
        "the student's words",
        ("first meaning", "later meaning", "not asked for"),
        neutral=FIELD_NOT_ASKED,
    ),
)

REQUEST: tuple[Feature, ...] = (
    Feature(
        "education_level",
        Group.REQUEST,
        "the student's highest",
        "education levels",
        "the student",
        tuple(EducationLevel),
        neutral=0,
    ),
    Feature(
        "format",
        Group.REQUEST,
        "how the student wants to study",
        "online, campus, either",
        "the student",
        tuple(Format),
        neutral=tuple(Format).index(Format.EITHER),
    ),
)

# The ranker's order: what a listing's ``codes`` hold.
FEATURES: tuple[Feature, ...] = PROGRAM + CROSS + REQUEST
PLACES: dict[str, int] = {feature.name: place for place, feature in enumerate(FEATURES)}


def declarations_hash() -> str:
    """Name these declarations: a ranker serves only with the ones it was fitted on."""
    rows = json.dumps([asdict(feature) for feature in FEATURES], sort_keys=True)
    return hashlib.sha256(rows.encode()).hexdigest()
