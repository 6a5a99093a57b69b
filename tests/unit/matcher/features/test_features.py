"""Features against a plain reading of their declarations, one value at a time."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from matcher.features.compute import codes
from matcher.features.cross import LADDER, cross_columns
from matcher.features.declared import CROSS, FEATURES, PROGRAM, Feature, Group
from matcher.features.pack import all_codes, combinations, pack, unpack
from matcher.features.program import binned
from matcher.features.student import Student, read_student
from matcher.geography import distance_miles
from matcher.match import Engine
from models.domain.levels import CredentialLevel, EducationLevel, Format
from models.domain.matching import Answers
from tests.support.searches import searches

FORMAT_WORDS = {
    (Format.ONLINE, "online"): "matches",
    (Format.ONLINE, "both"): "matches",
    (Format.ONLINE, "campus"): "differs",
    (Format.CAMPUS, "campus"): "matches",
    (Format.CAMPUS, "both"): "matches",
    (Format.CAMPUS, "online"): "differs",
}


def labels(engine: Engine, answers: Answers, row: int) -> dict[str, str]:
    """What each feature should say of a program, read off the catalog without any vectors."""
    catalog = engine.catalog
    student = read_student(catalog, engine.places, answers)
    school = int(catalog.school[row])
    credential = list(CredentialLevel)[catalog.credential[row]]
    return {
        "completers": completers_label(float(catalog.completers[row])),
        "verdict": ("not judged", "above", "below")[catalog.verdict[row]],
        "control": ("public", "private_nonprofit", "private_for_profit")[catalog.control[school]],
        "credential": credential,
        "distance": distance_label(engine, student, school),
        "same_state": same_state_label(student, int(catalog.region[school])),
        "specialty_fit": specialty_label(answers.specialty_credential, credential),
        "format_fit": format_label(
            answers.format, ("unknown", "campus", "online", "both")[catalog.format[row]]
        ),
        "field_fit": field_label(answers, catalog.cips[catalog.field[row]]),
        "education_level": answers.education_level,
        "format": answers.format,
    }


def completers_label(count: float) -> str:
    if math.isnan(count):
        return "not published"
    if count == 0:
        return "none"
    bounds = ((4, "1-4"), (9, "5-9"), (19, "10-19"), (49, "20-49"), (99, "50-99"), (249, "100-249"))
    return next((label for most, label in bounds if count <= most), "250+")


def distance_label(engine: Engine, student: Student, school: int) -> str:
    catalog = engine.catalog
    point, region = catalog.xyz[school], int(catalog.region[school])
    if student.xyz is not None and not np.isnan(point[0]):
        miles = float(distance_miles(point, student.xyz))
        return next((f"-{m}" for m in (5, 10, 25, 50, 100, 250, 500) if miles <= m), "500+")
    if student.region < 0 or region < 0:
        return "no place to compare"
    return f"{'same state' if region == student.region else 'elsewhere'}, place unknown"


def same_state_label(student: Student, region: int) -> str:
    if student.region < 0 or region < 0:
        return "unknown"
    return "yes" if student.region == region else "no"


def specialty_label(wanted: CredentialLevel | None, given: CredentialLevel) -> str:
    if wanted is None:
        return "no specialty"
    if wanted is given:
        return "usual"
    return "one step away" if abs(LADDER[wanted] - LADDER[given]) <= 1 else "further"


def format_label(wish: Format, offered: str) -> str:
    if wish is Format.EITHER:
        return "no wish"
    return FORMAT_WORDS.get((wish, offered), "not published")


def field_label(answers: Answers, cip: str) -> str:
    if cip not in answers.fields:
        return "not asked for"
    return "first meaning" if answers.fields[0] == cip else "later meaning"


@settings(max_examples=40, deadline=None)
@given(searches())
def test_every_code_means_what_its_declaration_says(small: Engine, answers: Answers) -> None:
    catalog = small.catalog
    rows = np.arange(0, len(catalog.school), 7, dtype=np.int32)
    table = codes(catalog, read_student(catalog, small.places, answers), rows)
    for row, own in zip(rows.tolist(), table.tolist(), strict=True):
        said = {f.name: f.labels[code] for f, code in zip(FEATURES, own, strict=True)}
        expected = labels(small, answers, row)
        assert {name: said[name] for name in expected} == expected


@settings(max_examples=60, deadline=None)
@given(searches())
def test_invariant_9_one_row_alone_has_the_codes_it_has_in_bulk(
    small: Engine, answers: Answers
) -> None:
    """Invariant 9: one definition; dense searches take the path by school, one row does not."""
    catalog = small.catalog
    student = read_student(catalog, small.places, answers)
    everything = np.arange(len(catalog.school), dtype=np.int32)
    assert len(everything) > len(catalog.region)
    bulk = codes(catalog, student, everything)
    for row in range(0, len(everything), 13):
        alone = codes(catalog, student, np.array([row], np.int32))
        assert alone[0].tobytes() == bulk[row].tobytes()


def test_money_bins_keep_unpublished_apart_and_edges_below(small: Engine) -> None:
    values = np.array([np.nan, 0, 25_000, 25_001, 90_000, 90_001], np.float32)
    edges = next(f.edges for f in FEATURES if f.name == "earnings")
    assert binned(values, edges).tolist() == [0, 1, 1, 2, 6, 7]
    catalog = small.catalog
    rows = np.arange(len(catalog.school), dtype=np.int32)
    student = read_student(
        catalog, small.places, Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940")
    )
    ratio = codes(catalog, student, rows)[:, [f.name for f in FEATURES].index("debt_to_earnings")]
    unknown = np.isnan(catalog.debt) | np.isnan(catalog.earnings)
    assert ((ratio == 0) == unknown).all()


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_a_declaration_is_whole(feature: Feature) -> None:
    assert len(set(feature.labels)) == feature.size <= 256
    assert 0 <= feature.neutral < feature.size
    assert list(feature.edges) == sorted(set(feature.edges))
    assert feature.unit
    assert feature.range
    assert feature.source


def test_groups_stand_together_in_the_rankers_order() -> None:
    groups = [feature.group for feature in FEATURES]
    assert groups == sorted(groups, key=[Group.PROGRAM, Group.CROSS, Group.REQUEST].index)


def test_packing_codes_loses_nothing(small: Engine) -> None:
    for features in (PROGRAM, CROSS):
        columns = all_codes(features)
        packed = pack(features, columns)
        assert (packed == np.arange(combinations(features))).all()
        again = unpack(features, packed)
        assert all((a == b).all() for a, b in zip(columns, again, strict=True))
    student = read_student(
        small.catalog, small.places, Answers(EducationLevel.BACHELOR, postal_code="K1A0B1")
    )
    rows = np.arange(len(small.catalog.school), dtype=np.int32)
    columns = list(cross_columns(small.catalog, student, rows))
    again = unpack(CROSS, pack(CROSS, columns))
    assert all((a == b).all() for a, b in zip(columns, again, strict=True))
