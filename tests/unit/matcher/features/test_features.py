"""Features against a plain reading of their declarations, one value at a time."""

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from matcher.catalog import PRECISIONS, open_catalog
from matcher.features.cross import LADDER, state_codes
from matcher.features.declared import CROSS, FEATURES, PROGRAM, Feature, Group
from matcher.features.pack import all_codes, combinations, pack, unpack
from matcher.features.program import binned, credential_shares
from matcher.features.student import Student, read_student
from matcher.geography import distance_miles, open_places
from matcher.match import Engine
from models.domain.levels import CredentialLevel, EducationLevel, Format
from models.domain.matching import Answers
from tests.support.features import codes
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
        "credential_share": share_label(engine, row),
        "distance": distance_label(engine, student, school),
        "state": state_label(engine, student, int(catalog.region[school])),
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


UNDERGRADUATE = {"undergraduate_certificate", "associate", "bachelor"}


def share_label(engine: Engine, row: int) -> str:
    catalog = engine.catalog
    own = list(CredentialLevel)[catalog.credential[row]]
    return share_said(catalog.path, int(catalog.field[row]), own)


@cache
def share_said(path: Path, field: int, own: CredentialLevel) -> str:
    """Count the graduates of the field's programs of the same group, one program at a time."""
    if own == "non_credential":
        return "not published"
    catalog, names = open_catalog(path), list(CredentialLevel)
    alike, everyone = 0.0, 0.0
    for other in np.flatnonzero(catalog.field == field).tolist():
        given = names[catalog.credential[other]]
        graduates = float(catalog.completers[other])
        if given == "non_credential" or math.isnan(graduates):
            continue
        if (given in UNDERGRADUATE) == (own in UNDERGRADUATE):
            everyone += graduates
            alike += graduates if given == own else 0.0
    if not everyone:
        return "not published"
    share = np.float32(alike / everyone)
    return next((f"-{most}" for most in (0.05, 0.2, 0.5) if share <= np.float32(most)), "0.5+")


def distance_label(engine: Engine, student: Student, school: int) -> str:
    catalog = engine.catalog
    point, region = catalog.xyz[school], int(catalog.region[school])
    if student.xyz is not None and not np.isnan(point[0]):
        miles = float(distance_miles(point, student.xyz))
        if PRECISIONS[catalog.place_precision[school]] != "exact":
            miles = max(miles, 25)
        return next((f"-{m}" for m in (5, 10, 25, 50, 100, 250, 500) if miles <= m), "500+")
    if region < 0 or (student.region < 0 and student.xyz is None):
        return "no place to compare"
    return f"{'same state' if region == student.region else 'elsewhere'}, place unknown"


def state_label(engine: Engine, student: Student, region: int) -> str:
    if region < 0 or (student.region < 0 and student.xyz is None):
        return "unknown"
    if student.region == region:
        return "own state"
    origin = student.xyz if student.xyz is not None else middle_of(engine, student.region)
    miles = float(distance_miles(middle_of(engine, region), origin))
    bounds = (75, 150, 225, 300, 400, 550, 750, 1200, 2500)
    return next((f"-{most}" for most in bounds if miles <= most), "2500+")


def middle_of(engine: Engine, region: int) -> NDArray[np.float64]:
    return middle_said(engine.catalog.path, region)


@cache
def middle_said(path: Path, region: int) -> NDArray[np.float64]:
    """The average of a region's postal codes, one at a time, put back on the sphere."""
    places = open_places(path)
    total = np.zeros(3)
    for code in range(len(places)):
        if places.region[code] == region and not np.isnan(places.xyz[code, 0]):
            total += places.xyz[code]
    length = float(np.linalg.norm(total))
    return total / length if length else np.full(3, np.nan)


def specialty_label(wanted: CredentialLevel | None, given: CredentialLevel) -> str:
    if wanted is None or (given, wanted) == (CredentialLevel.ASSOCIATE, CredentialLevel.BACHELOR):
        return "no specialty or on the way"
    if wanted is given:
        return "usual"
    if abs(LADDER[wanted] - LADDER[given]) > 1:
        return "two steps away"
    return "a step short" if LADDER[given] < LADDER[wanted] else "a step further"


def format_label(wish: Format, offered: str) -> str:
    if wish is Format.EITHER:
        return "no wish"
    return FORMAT_WORDS.get((wish, offered), "not published")


def field_label(answers: Answers, cip: str) -> str:
    if cip not in answers.fields:
        return "not asked for"
    return "first meaning" if answers.fields[0] == cip else "later meaning"


@settings(max_examples=40)
@given(searches())
def test_every_code_means_what_its_declaration_says(small: Engine, answers: Answers) -> None:
    catalog = small.catalog
    rows = np.arange(0, len(catalog.school), 7, dtype=np.int32)
    table = codes(catalog, read_student(catalog, small.places, answers), rows)
    for row, own in zip(rows.tolist(), table.tolist(), strict=True):
        said = {f.name: f.labels[code] for f, code in zip(FEATURES, own, strict=True)}
        expected = labels(small, answers, row)
        assert {name: said[name] for name in expected} == expected


@settings(max_examples=60)
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
    assert not feature.edges or feature.first_bin + len(feature.edges) < feature.size
    assert feature.unit
    assert feature.range
    assert feature.source


def test_shares_of_a_group_make_a_whole(real: Engine) -> None:
    shares = credential_shares(real.catalog)
    undergraduate = [list(CredentialLevel).index(CredentialLevel(name)) for name in UNDERGRADUATE]
    total = shares[:, undergraduate].sum(axis=1)
    assert np.isclose(total[~np.isnan(total)], 1, atol=1e-6).all()
    teachers, welders = (real.catalog.cips.index(cip) for cip in ("13.12", "48.05"))
    certificate, _, bachelor = sorted(undergraduate)
    assert shares[teachers, bachelor] > 0.5
    assert shares[teachers, certificate] < 0.2
    assert shares[welders, certificate] > 0.5


def test_a_state_is_as_far_as_its_middle(real: Engine) -> None:
    """Kingston in Ontario: New York is nearer than Indiana, whatever school it is."""
    catalog = real.catalog
    student = read_student(
        catalog, real.places, Answers(EducationLevel.HIGH_SCHOOL, postal_code="K7L 3N6")
    )
    state = state_codes(student)
    near, far = (state[catalog.regions.index(code)] for code in ("NY", "IN"))
    assert near < far < state[catalog.regions.index("HI")]


def test_groups_stand_together_in_the_rankers_order() -> None:
    groups = [feature.group for feature in FEATURES]
    assert groups == sorted(groups, key=[Group.PROGRAM, Group.CROSS, Group.REQUEST].index)


def test_packing_codes_loses_nothing() -> None:
    for features in (PROGRAM, CROSS):
        columns = all_codes(features)
        packed = pack(features, columns)
        assert (packed == np.arange(combinations(features))).all()
        again = unpack(features, packed)
        assert all((a == b).all() for a, b in zip(columns, again, strict=True))
