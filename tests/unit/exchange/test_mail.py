"""The mail that a school gets: what is in it, and what can never be."""

import csv
import io
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

import pytest

from models.domain.delivery import Purpose
from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, show
from models.domain.sending import DestinationTest, LeadFacts
from models.exchange.kinds import KINDS
from models.exchange.payload import UnrenderableError
from models.exchange.sample import SAMPLE_AT, sample_lead

DELIVERY = UUID("01900000-0000-7000-8000-000000000042")
LEAD = sample_lead(())
TO = {"to": "admissions@example.edu"}


def written(facts: LeadFacts | DestinationTest = LEAD, **settings: object) -> bytes:
    return KINDS["email"].write(facts, DELIVERY, {**TO, **settings})


def read(message: bytes) -> EmailMessage:
    found = message_from_bytes(message, policy=SMTP)
    assert isinstance(found, EmailMessage)
    return found


def parts(message: EmailMessage) -> tuple[str, str, list[list[str]]]:
    """Take a mail apart: text, HTML, and the rows of its table."""
    text, page = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert page is not None
    tables = [each.get_content() for each in message.iter_attachments()]
    rows = [row for table in tables for row in csv.reader(io.StringIO(table))]
    return text.get_content(), page.get_content(), rows


def student(**said: str | None) -> LeadFacts:
    return replace(LEAD, student={**LEAD.student, **said})


def test_text_page_and_table_tell_the_same_lead() -> None:
    message = read(written())
    text, page, (columns, values) = parts(message)
    for part in (text, page):
        assert "schoolmatch-test@example.com" in part
        assert "+12025550123" in part
        assert "Health and Medical Administrative Services (associate, CIP 51.07, online)" in part
        assert show(Prefix.LEAD, LEAD.lead_id) in part
    row = dict(zip(columns, values, strict=True))
    assert row["first_name"] == "Test"
    assert row["email"] == "schoolmatch-test@example.com"
    assert row["consent_call"] == "Schoolmatch Test College may contact me by call."
    assert row["delivery_id"] == show(Prefix.DELIVERY, DELIVERY)
    assert "To" not in message, "its address may be another one when it is tried again"
    assert message["Subject"].endswith("Health and Medical Administrative Services")
    assert message["Date"].datetime == LEAD.requested_at


def test_invariant_2_a_lead_in_a_mail_says_whether_its_listing_was_sponsored() -> None:
    for sponsored, placement in ((True, "Sponsored"), (False, "Organic")):
        programs = [{**LEAD.programs[0], "sponsored": sponsored}]
        text, page, (columns, values) = parts(read(written(replace(LEAD, programs=programs))))
        assert dict(zip(columns, values, strict=True))["placement"] == placement
        for part in (text, page):
            assert ("Sponsored: Health and Medical" in part) is sponsored


def test_the_same_delivery_is_the_same_message_and_another_is_not() -> None:
    assert written() == written()
    assert (
        read(written())["Message-ID"] == f"<{show(Prefix.DELIVERY, DELIVERY)}@schoolmatch.invalid>"
    )
    other = KINDS["email"].write(LEAD, UUID(int=9), TO)
    assert read(other)["Message-ID"] != read(written())["Message-ID"]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\u2028", "\x85", "\x00"])
def test_nothing_that_was_typed_becomes_a_header(end: str) -> None:
    evil = f"Health{end}Bcc: thief@example.com{end}{end}X"
    program = {**LEAD.programs[0], "title": evil}
    facts = replace(
        student(first_name=evil), programs=[program], school={"name": evil}, answers={evil: evil}
    )
    message = read(written(facts))
    plain = read(written())
    assert message.keys() == plain.keys()
    assert [part.keys() for part in message.walk()] == [part.keys() for part in plain.walk()]
    head = written(facts).partition(b"\r\n\r\n")[0]
    assert not [line for line in head.splitlines() if line.lower().startswith(b"bcc")]


def test_what_was_typed_is_no_markup_and_no_formula() -> None:
    evil = '=HYPERLINK("https://evil.example","<b>x</b>")'
    _, page, (columns, values) = parts(read(written(student(last_name=evil))))
    assert "<b>" not in page
    assert "&lt;b&gt;" in page
    assert dict(zip(columns, values, strict=True))["last_name"] == f"'{evil}"


def test_a_part_cannot_be_ended_from_inside() -> None:
    boundary = read(written()).get_boundary()
    text, _, rows = parts(read(written(student(last_name=f"--{boundary}--\r\n\r\n--{boundary}"))))
    assert f"--{boundary}--" in text
    assert len(rows) == 2


def test_a_contact_point_is_there_only_when_it_was_agreed_to() -> None:
    asked = replace(LEAD, consents=[c for c in LEAD.consents if c["channel"] == "email"])
    whole = "".join(map(str, parts(read(written(asked)))))
    assert "+12025550123" not in whole
    assert "schoolmatch-test@example.com" in whole


@pytest.mark.parametrize("purpose", [Purpose.WITHDRAWAL, Purpose.DELETION])
def test_what_ends_a_lead_names_it_and_says_nothing_of_the_student(purpose: Purpose) -> None:
    facts = replace(student(last_name="Quux"), purpose=purpose)
    text, page, rows = parts(read(written(facts)))
    for part in (text, page):
        assert show(Prefix.LEAD, LEAD.lead_id) in part
        assert not any(said in part for said in ("Quux", "schoolmatch-test@", "2025550123"))
    assert rows == []


def test_a_correction_says_that_it_replaces_the_lead() -> None:
    text, _, rows = parts(read(written(replace(LEAD, purpose=Purpose.CORRECTION))))
    assert "replaces" in text
    assert len(rows) == 2


def test_a_test_is_whole_and_says_that_nobody_asked() -> None:
    text, _, rows = parts(read(written(DestinationTest(UUID(int=3), SAMPLE_AT))))
    assert text.startswith("This is a test.")
    assert len(rows) == 2


def test_a_school_may_name_the_columns_itself() -> None:
    fields = [{"to": "Vorname", "from": "student.first_name", "required": True}]
    KINDS["email"].check({**TO, "fields": fields}, {})
    assert parts(read(written(fields=fields)))[2] == [["Vorname"], ["Test"]]


def test_our_own_columns_can_be_satisfied() -> None:
    from models.exchange.lead_table import LEAD_TABLE

    KINDS["email"].check({**TO, "fields": [dict(row) for row in LEAD_TABLE]}, {})


def test_a_required_column_that_stays_empty_stops_the_mail() -> None:
    fields = [{"to": "Mail", "from": "student.email", "required": True}]
    with pytest.raises(UnrenderableError, match="Mail"):
        written(replace(LEAD, consents=[]), fields=fields)


@pytest.mark.parametrize("to", ["a@b.edu", "first.last+leads@mail.sub.example.ac"])
def test_an_address_is_accepted(to: str) -> None:
    KINDS["email"].check({"to": to}, {})


@pytest.mark.parametrize(
    "to",
    [
        None,
        "",
        7,
        "nobody",
        "a@b",
        "a@@b.edu",
        "a b@c.edu",
        "a@b.edu\r\nRCPT TO:<x@y.edu>",
        "a@b.edu\n",
        "a@b.edu>",
        "a@b.edu, c@d.edu",
        '"a"@b.edu',
        "-a@b.edu",
        "a..b@c.edu",
        "a.@b.edu",
        "ä@b.edu",
        "a@b.edu SIZE=1",
        "a@" + "b." * 130 + "edu",
    ],
)
def test_an_address_that_cannot_work_gets_a_message(to: object) -> None:
    with pytest.raises(InvalidInputError) as error:
        KINDS["email"].check({"to": to}, {})
    assert error.value.messages.keys() == {"to"}
