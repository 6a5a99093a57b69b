from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.sending import LeadFacts
from models.exchange.formats import clean
from models.exchange.mapping import Filled, Number, Secret, fill, read_rows, source_of
from models.exchange.payload import UnrenderableError
from models.exchange.sample import SAMPLE_AT, sample_lead

DELIVERY = UUID(int=7)
SAMPLE = sample_lead(())


def mapped(*rows: dict[str, Any], facts: LeadFacts = SAMPLE) -> Filled:
    return fill(read_rows(rows), source_of(facts, DELIVERY))


def one(facts: LeadFacts = SAMPLE, **row: Any) -> Any:
    [(_, value)] = mapped({"to": "x", **row}, facts=facts)
    return value


def saying(**student: Any) -> LeadFacts:
    return replace(SAMPLE, student={**SAMPLE.student, **student})


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ({"from": "student.first_name"}, "Test"),
        ({"from": "student.first_name", "format": ["upper", "truncate:2"]}, "TE"),
        ({"from": "student.phone", "format": ["phone:national"]}, "2025550123"),
        ({"from": "student.phone", "format": ["phone:dashes"]}, "202-555-0123"),
        ({"from": "student.phone", "format": ["phone:digits"]}, "12025550123"),
        ({"from": "programs[0].title"}, "Health and Medical Administrative Services"),
        ({"from": "consents[channel=call].channel"}, "call"),
        ({"from": "consented_channels"}, "email;call;text"),
        ({"from": "place.state"}, "NY"),
        ({"from": "place.country"}, "US"),
        ({"from": "delivery_id"}, "dlv_00000000000000000000000007"),
        ({"from": "asked_at", "format": ["date:%m/%d/%Y"]}, "11/22/2026"),
        ({"from": "asked_at", "format": ["millis"]}, "1795348800000"),
        ({"from": "desired_start", "format": ["date:%B %Y"]}, "January 2027"),
        ({"from": "student.education_level", "values": {"bachelor": "9"}}, "9"),
        ({"from": "consents[0].text", "format": ["present"], "as": "boolean"}, True),
        ({"from": ["answers.none", "student.last_name"]}, "Schoolmatch"),
        ({"constant": "Web"}, "Web"),
        ({"secret": "api_key"}, Secret("api_key")),
        ({"from": "source.creative", "default": "none"}, "none"),
    ],
)
def test_a_row_reads_spells_and_translates(row: dict[str, Any], value: object) -> None:
    assert one(**row) == value


@pytest.mark.parametrize(
    "row",
    [
        {"from": "source.creative"},
        {"from": "answers.never_asked"},
        {"from": "student"},
        {"from": "student.education_level", "values": {"doctorate": "11"}},
        {"from": "student.last_name", "format": ["date:%Y"]},
        {"from": "student.last_name", "format": ["number"]},
        {"from": "student.last_name", "as": "number"},
        {"from": "student.last_name", "as": "boolean"},
        {"from": "desired_start", "format": ["date:%m/%d/%Y"]},
    ],
)
def test_what_was_not_said_or_cannot_be_spelt_stays_missing(row: dict[str, Any]) -> None:
    assert one(**row) is None


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2026-11", "now"),
        ("2026-12", "soon"),
        ("2027-02", "soon"),
        ("2027-03", None),
        ("2027-11", "year"),
        ("2026-01", "now"),
    ],
)
def test_months_ahead_are_counted_from_when_the_student_asked(start: str, said: str | None) -> None:
    values = {"0": "now", "1-3": "soon", "12+": "year"}
    row = {"from": "desired_start", "format": ["months_ahead"], "values": values}
    assert one(saying(desired_start=start), **row) == said


def test_what_is_no_number_of_anything_is_translated_by_no_range() -> None:
    values = {"\u00b2+": "square", "0-9": "few", "10+": "many"}
    row = {"from": "answers.n", "values": values}
    for typed, said in (("5", "few"), ("9" * 5000, None)):
        assert one(replace(SAMPLE, answers={"n": typed}), **row) == said


@pytest.mark.parametrize("typed", ["3.50", "007", "1e5", "01234", "10.0", "12345678901234567890"])
def test_numbers_stay_as_typed(typed: str) -> None:
    facts = replace(SAMPLE, answers={"gpa": typed})
    assert one(facts, **{"from": "answers.gpa"}) == typed


def test_a_number_of_a_lead_keeps_its_digits() -> None:
    facts = replace(SAMPLE, answers={"gpa": 3.5, "credits": 60})
    assert one(facts, **{"from": "answers.gpa", "as": "number"}) == Number("3.5")
    assert one(facts, **{"from": "answers.credits"}) == "60"


def test_a_required_field_that_stays_empty_is_named_and_nothing_is_quoted() -> None:
    rows = [
        {"to": "Mail", "from": "student.email", "required": True},
        {"to": "Why", "from": "answers.why", "required": True},
        {"to": "Last", "from": "student.last_name", "required": True},
    ]
    no_mail = replace(saying(last_name="Ffoulkes"), consents=SAMPLE.consents[1:])
    with pytest.raises(UnrenderableError) as error:
        mapped(*rows, facts=no_mail)
    assert str(error.value) == "required fields are missing: Mail, Why"


@given(st.text(), st.text())
def test_every_text_that_leaves_was_typed_by_the_student(first: str, last: str) -> None:
    filled = mapped(
        {"to": "a", "from": "student.first_name"},
        {"to": "b", "from": "student.last_name"},
        facts=saying(first_name=first, last_name=last),
    )
    assert filled == [("a", clean(first) or None), ("b", clean(last) or None)]


@given(st.text())
def test_cleaning_is_done_once_and_leaves_no_mark_of_ours(text: str) -> None:
    cleaned = clean(text + "\ue000api_key\ue001\x00\x1b\ufffe")
    assert clean(cleaned) == cleaned
    assert not set(cleaned) & {"\ue000", "\ue001", "\x00", "\x1b", "\ufffe", "\r"}


def test_a_sample_says_everything_that_a_mapping_reads() -> None:
    rows = read_rows(
        [
            {"to": "a", "from": "answers.gpa", "example": "3.10", "required": True},
            {"to": "b", "from": "answers.level", "values": {"x": "y"}, "required": True},
            {"to": "c", "from": "answers.why", "required": True},
        ]
    )
    filled = fill(rows, source_of(sample_lead(rows, SAMPLE_AT), DELIVERY))
    assert filled == [("a", "3.10"), ("b", "y"), ("c", "Test")]
