from typing import Any

import pytest

from models.exchange.mapping_check import check_mapping
from models.exchange.writing import BodyFormat

LAST = {"to": "last", "from": "student.last_name", "required": True}


def said(row: Any, body_format: BodyFormat = BodyFormat.FORM) -> str:
    """What is said of one row."""
    problems = check_mapping([row, LAST], body_format, ["api_key"])
    [texts] = problems.values()
    return texts[0]


def test_a_mapping_that_every_lead_satisfies_is_taken() -> None:
    rows = [
        LAST,
        {"to": "company", "constant": "Maple College"},
        {"to": "key", "secret": "api_key"},
        {"to": "email", "from": "student.email", "required": True},
        {"to": "phone", "from": "student.phone", "format": ["phone:dashes"]},
        {"to": "why", "from": "answers.why"},
        {"to": "creative", "from": "source.creative", "default": "none"},
        {"to": "call", "from": "consents[channel=call].text"},
    ]
    assert check_mapping(rows, BodyFormat.FORM, ["api_key"]) == {}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (7, "Say which field"),
        ({"from": "student.email"}, "Say which field"),
        ({"to": "x"}, "where its value comes from"),
        ({"to": "x", "from": "lead_id", "constant": "y"}, "where its value comes from"),
        ({"to": "x", "from": "lead_id", "colour": "red"}, "Remove colour"),
        ({"to": "x", "from": 7}, "texts as texts"),
        ({"to": "x", "from": "lead_id", "as": "date"}, "texts as texts"),
        ({"to": "x", "from": "lead_id", "values": {"a": 1}}, "texts as texts"),
        ({"to": "x", "from": "student.shoe_size"}, "There is no student.shoe_size"),
        ({"to": "x", "from": "student..email"}, "no path"),
        ({"to": "x", "from": "lead_id", "format": ["reverse"]}, "no format"),
        ({"to": "x", "from": "lead_id", "format": ["truncate:many"]}, "how many letters"),
        ({"to": "x", "from": "student.phone", "format": ["phone:loud"]}, "phone:"),
        ({"to": "x", "from": "asked_at", "format": ["date:{0}"]}, "how a date"),
        ({"to": "x", "secret": "password"}, "Set the credential password"),
        ({"to": "x", "constant": "two\nlines"}, "one line"),
        ({"to": "x", "from": "answers.gpa", "required": True}, "Not every lead has answers.gpa"),
        ({"to": "x", "from": "student.phone", "required": True}, "Not every lead has"),
        ({"to": "x", "from": "desired_start", "required": True}, "Not every lead has"),
        ({"to": "x", "from": "programs[1].title", "required": True}, "Not every lead has"),
        ({"to": "x", "from": "consents[channel=call].text", "required": True}, "Not every lead"),
        (
            {
                "to": "x",
                "from": "student.education_level",
                "values": {"bachelor": "9", "master": "10", "doctorate": "11"},
                "required": True,
            },
            "Say what stands for associate, high_school, some_college, still_in_high_school",
        ),
        ({"to": "last", "from": "lead_id"}, "comes twice"),
    ],
)
def test_what_cannot_work_is_said_of_its_field_with_what_to_do(row: Any, words: str) -> None:
    assert words in said(row)


@pytest.mark.parametrize(
    "row",
    [
        {"to": "phone", "constant": "0000000000"},
        {"to": "Email_Address__c", "constant": "none@example.com"},
        {"to": "FirstName", "constant": "Student"},
        {"to": "email_opt_in", "constant": True},
        {"to": "birth_date", "constant": "2000-01-01"},
        {"to": "x", "from": "desired_start", "default": "Immediately"},
        {"to": "x", "from": "student.phone", "default": "0000000000"},
        {"to": "x", "from": ["answers.gpa", "source.creative"], "default": "4.0"},
    ],
)
def test_nothing_stands_in_for_what_a_student_did_not_say(row: dict[str, Any]) -> None:
    assert "stand" in said(row)


@pytest.mark.parametrize(
    ("to", "body_format"),
    [
        ("a b", BodyFormat.XML),
        ("1st", BodyFormat.XML),
        ("a><b", BodyFormat.XML),
        ("[0].a", BodyFormat.JSON),
        ("a..b", BodyFormat.JSON),
        ("a\nb", BodyFormat.FORM),
        ("last.more", BodyFormat.JSON),
    ],
)
def test_a_target_that_the_format_cannot_write_is_refused(to: str, body_format: BodyFormat) -> None:
    assert said({"to": to, "from": "lead_id"}, body_format)


@pytest.mark.parametrize("written", [None, "fields", [], {}, [LAST] * 201])
def test_what_is_no_list_of_fields_is_refused(written: object) -> None:
    assert check_mapping(written, BodyFormat.FORM).keys() == {"fields"}
