"""What is found, against a plain reading of the rules, one program at a time."""

import numpy as np
import pytest
from hypothesis import given, settings

from matcher.catalog import CONTROLS, CREDENTIALS, FORMATS, PRECISIONS
from matcher.features.student import read_student
from matcher.geography import distance_miles
from matcher.match import Engine, find, why_excluded
from matcher.shelf import fields_in_question
from models.domain.levels import CredentialLevel, EducationLevel, Format, may_enter
from models.domain.matching import Answers, Filters, Listing
from tests.support.catalogs import match_page
from tests.support.searches import searches

GROUPS = ("credential_levels", "states", "controls", "fields")


class Oracle:
    """Applies the rules to one program, with no arrays and none of the code under test but the
    choice of fields."""

    def __init__(self, engine: Engine, answers: Answers) -> None:
        self.catalog, self.answers = engine.catalog, answers
        self.student = read_student(engine.catalog, engine.places, answers)
        self.fields = set(fields_in_question(engine.index, self.student, answers))

    def value(self, group: str, row: int) -> str | None:
        school = int(self.catalog.school[row])
        region = int(self.catalog.region[school])
        values: dict[str, str | None] = {
            "credential_levels": str(CREDENTIALS[self.catalog.credential[row]]),
            "states": self.catalog.regions[region] if region >= 0 else None,
            "controls": CONTROLS[self.catalog.control[school]],
            "fields": self.catalog.cips[self.catalog.field[row]],
        }
        return values[group]

    def eligible(self, row: int) -> bool:
        credential = CREDENTIALS[self.catalog.credential[row]]
        cip = self.catalog.cips[self.catalog.field[row]]
        return (
            may_enter(self.answers.education_level, credential, cip)
            and int(self.catalog.field[row]) in self.fields
        )

    def format_agrees(self, row: int) -> bool:
        offered = FORMATS[self.catalog.format[row]]
        wish = self.answers.format
        return wish is Format.EITHER or offered in {"unknown", "both", str(wish)}

    def near_enough(self, row: int) -> bool:
        most = self.answers.max_distance_miles
        if most is None or self.student.xyz is None:
            return True
        offered = FORMATS[self.catalog.format[row]]
        if offered == "online" or (offered == "both" and self.answers.format is not Format.CAMPUS):
            return True
        school = int(self.catalog.school[row])
        point = self.catalog.xyz[school]
        if np.isnan(point[0]):
            region = int(self.catalog.region[school])
            return region >= 0 and region == self.student.region
        exact = PRECISIONS[self.catalog.place_precision[school]] == "exact"
        return float(distance_miles(point, self.student.xyz)) <= (most if exact else max(most, 25))

    def chosen(self, group: str) -> tuple[str, ...]:
        return tuple(getattr(self.answers.filters, group))

    def passes(self, row: int, but: str | None = None) -> bool:
        return (
            self.eligible(row)
            and self.format_agrees(row)
            and self.near_enough(row)
            and all(
                not self.chosen(group) or self.value(group, row) in self.chosen(group)
                for group in GROUPS
                if group != but
            )
        )


@settings(max_examples=60)
@given(searches())
def test_exactly_what_the_rules_allow_is_found(small: Engine, answers: Answers) -> None:
    oracle = Oracle(small, answers)
    rows = [row for row in range(len(small.catalog.school)) if oracle.passes(row)]
    found = find(small, answers)
    assert found.rows.tolist() == rows
    assert found.school.tolist() == small.catalog.school[rows].tolist()
    known = sum(FORMATS[small.catalog.format[row]] != "unknown" for row in rows)
    assert found.format_known == known


@settings(max_examples=40)
@given(searches())
def test_facet_counts_equal_counting_by_hand(small: Engine, answers: Answers) -> None:
    oracle = Oracle(small, answers)
    facets = match_page(small, answers).facets
    assert set(facets) == set(GROUPS)
    for group in GROUPS:
        left = [r for r in range(len(small.catalog.school)) if oracle.passes(r, but=group)]
        values = [oracle.value(group, row) for row in left]
        counted = {option.value: option.count for option in facets[group]}
        expected = {value: values.count(value) for value in set(values) if value is not None}
        assert {value: count for value, count in counted.items() if count} == expected
        assert set(counted) - set(expected) <= set(oracle.chosen(group))


@settings(max_examples=30)
@given(searches())
def test_every_program_not_shown_has_a_reason_and_no_other_has(
    small: Engine, answers: Answers
) -> None:
    found = set(find(small, answers).rows.tolist())
    for row in range(0, len(small.catalog.school), 3):
        assert (why_excluded(small, answers, row) is None) == (row in found)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"education_level": EducationLevel.BACHELOR}, "not_open_to_level"),
        ({"education_level": EducationLevel.NO_DIPLOMA}, "needs_diploma"),
        ({"fields": ("11.01",)}, "other_field"),
        ({"filters": Filters(states=("CA",))}, "other_state"),
        (
            {"filters": Filters(credential_levels=(CredentialLevel.BACHELOR,))},
            "other_credential_level",
        ),
        ({"filters": Filters(fields=("52.02",))}, "other_field_chosen"),
        ({"postal_code": "90210", "max_distance_miles": 100}, "too_far"),
        ({"format": Format.ONLINE}, "format_differs"),
    ],
)
def test_the_reason_names_the_rule(small: Engine, changes: dict[str, object], reason: str) -> None:
    catalog = small.catalog
    open_here = (
        (catalog.credential == CREDENTIALS.index(CredentialLevel.ASSOCIATE))
        & np.isin(catalog.field, [catalog.cips.index(cip) for cip in ("51.07", "51.38", "22.01")])
        & (catalog.format == FORMATS.index("campus"))
        & (catalog.region[catalog.school] == catalog.regions.index("NY"))
        & ~np.isnan(catalog.xyz[catalog.school][:, 0])
    )
    row = int(np.flatnonzero(open_here)[0])
    plain = {
        "education_level": EducationLevel.HIGH_SCHOOL,
        "postal_code": "10940",
        "fields": (catalog.cips[catalog.field[row]],),
    }
    assert why_excluded(small, Answers(**plain), row) is None  # type: ignore[arg-type]
    asked = Answers(**{**plain, **changes})  # type: ignore[arg-type]
    assert why_excluded(small, asked, row) == reason


def test_what_is_not_published_comes_after_what_is(small: Engine) -> None:
    answers = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940", format=Format.CAMPUS)
    page = match_page(small, answers)
    catalog_formats = []
    for number in range(1, page.pages + 1):
        shown = match_page(small, answers, number=number)
        catalog_formats += [one.program.format is None for one in shown.listings]
    assert catalog_formats == sorted(catalog_formats)
    assert catalog_formats.count(False) == page.format_known > 0
    assert True in catalog_formats


def test_within_a_distance_unplaced_schools_of_the_state_come_last(small: Engine) -> None:
    answers = Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940", max_distance_miles=100)
    page = match_page(small, answers)
    listings = [
        one
        for number in range(1, page.pages + 1)
        for one in match_page(small, answers, number=number).listings
    ]
    placed = [is_placed(one) for one in listings if one.program.format is None]
    assert placed == sorted(placed, reverse=True)
    unplaced = [one for one in listings if not is_placed(one) and one.program.format is None]
    assert unplaced
    assert {one.school.state for one in unplaced} == {"NY"}
    note = next(note for note in page.advice if note.code == "place_not_published")
    assert note.values["count"] == len(
        [one for one in listings if not is_placed(one) and not is_online(one.program.format)]
    )


def is_placed(one: Listing) -> bool:
    return one.distance_miles is not None or one.nearby


def is_online(given: Format | None) -> bool:
    return given in {Format.ONLINE, Format.EITHER}


def test_no_diploma_finds_only_what_is_open_without_one(small: Engine) -> None:
    asked = Answers(EducationLevel.NO_DIPLOMA, postal_code="10940", fields=("51.38",))
    page = match_page(small, asked)
    assert page.total
    assert {one.program.cip[:2] for one in page.listings} <= {"53", "32"}
    assert "diploma_first" in [note.code for note in page.advice]


def test_a_canadian_is_told_what_the_figures_do_not_describe(small: Engine) -> None:
    for place in ({"postal_code": "K1A0B1"}, {"region": "ON"}):
        page = match_page(small, Answers(EducationLevel.HIGH_SCHOOL, **place))  # type: ignore[arg-type]
        assert page.total
        codes = [note.code for note in page.advice]
        assert "figures_not_for_canada" in codes
        assert "only_us_programs" in codes
    page = match_page(small, Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940"))
    assert "figures_not_for_canada" not in [note.code for note in page.advice]


def test_nothing_found_names_the_filter_that_removes_most(small: Engine) -> None:
    answers = Answers(
        EducationLevel.HIGH_SCHOOL,
        postal_code="10940",
        fields=("51.07",),
        filters=Filters(states=("TX",), controls=("public",)),
    )
    page = match_page(small, answers)
    without_state = Answers(
        EducationLevel.HIGH_SCHOOL,
        postal_code="10940",
        fields=("51.07",),
        filters=Filters(controls=("public",)),
    )
    assert page.total == 0
    assert page.listings == ()
    assert page.advice[0].code == "nothing_found"
    assert page.advice[0].values == {
        "filter": "states",
        "count": match_page(small, without_state).total,
    }


def test_a_field_without_a_program_for_the_level_says_so(small: Engine) -> None:
    answers = Answers(EducationLevel.HIGH_SCHOOL, region="NY", fields=("99.99",))
    page = match_page(small, answers)
    assert page.total == 0
    assert page.advice[0].code == "nothing_open_in_field"


def test_a_distance_needs_a_postal_code(small: Engine) -> None:
    far = Answers(EducationLevel.HIGH_SCHOOL, region="NY", max_distance_miles=25)
    page = match_page(small, far)
    assert page.total == match_page(small, Answers(EducationLevel.HIGH_SCHOOL, region="NY")).total
    assert "distance_needs_postal_code" in [note.code for note in page.advice]


def test_not_sure_yet_looks_at_fields_with_most_graduates_in_the_state(real: Engine) -> None:
    catalog, ny = real.catalog, real.catalog.regions.index("NY")
    here = catalog.region[catalog.school] == ny
    undergraduate = catalog.credential <= CREDENTIALS.index(CredentialLevel.BACHELOR)
    graduates = {
        field: np.nansum(catalog.completers[here & undergraduate & (catalog.field == field)])
        for field in range(len(catalog.cips))
    }
    most = sorted(graduates, key=lambda field: -graduates[field])[:12]
    found = find(real, Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940"))
    assert set(found.fields) == set(most)
