import json
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from models.domain.delivery import Purpose
from models.domain.sending import LeadFacts
from models.exchange.payload import UnrenderableError, render

AT = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
STUDENT = {
    "first_name": "Zoë",
    "last_name": "O'Neil",
    "email": "zoe@example.com",
    "phone": "+14045550123",
    "desired_start": "fall",
}
FACTS = LeadFacts(
    lead_id=UUID(int=1),
    request_id=UUID(int=2),
    requested_at=AT,
    purpose=Purpose.LEAD,
    purpose_at=AT,
    unitid=194240,
    school={"name": "Test College"},
    programs=[{"id": "p", "cip": "51.07", "title": "T", "unitid": 1, "sponsored": False}],
    search={"education_level": "high_school", "postal_code": "10940", "query": "x"},
    student=STUDENT,
    answers={"q": "a"},
    consents=[{"channel": "email", "text": "…"}],
    source={"publisher": "site"},
    locale="en",
    jurisdiction="US-NY",
)


def test_the_body_has_the_documented_keys_and_no_more() -> None:
    body = json.loads(render(FACTS))
    assert body.keys() == {"type", "timestamp", "data"}
    assert (body["type"], body["timestamp"]) == ("lead.created", "2026-11-22T12:00:00.123Z")
    assert body["data"].keys() == {
        "lead_id",
        "request_id",
        "school",
        "programs",
        "student",
        "desired_start",
        "answers",
        "consented_channels",
        "consents",
        "verification",
        "source",
    }
    assert body["data"]["student"]["postal_code"] == "10940"


def test_the_same_facts_give_the_same_bytes() -> None:
    assert render(FACTS) == render(replace(FACTS, student=dict(STUDENT)))


@pytest.mark.parametrize(
    ("channels", "email", "phone"),
    [
        (["email"], True, False),
        (["call"], False, True),
        (["text"], False, True),
        (["email", "call", "text"], True, True),
    ],
)
def test_only_contact_points_of_ticked_channels_are_told_invariant_3(
    channels: list[str], email: bool, phone: bool
) -> None:
    body = render(replace(FACTS, consents=[{"channel": c} for c in channels])).decode()
    assert ("zoe@example.com" in body) is email
    assert ("+14045550123" in body) is phone


@pytest.mark.parametrize("purpose", [Purpose.WITHDRAWAL, Purpose.DELETION])
def test_taking_back_tells_nothing_of_the_student(purpose: Purpose) -> None:
    body = render(replace(FACTS, purpose=purpose)).decode()
    assert not any(str(value) in body for value in STUDENT.values())


@pytest.mark.parametrize(
    "broken",
    [
        replace(FACTS, student={}),
        replace(FACTS, consents=[{"channel": "pigeon"}]),
        replace(FACTS, purpose=Purpose.TEST),
        replace(FACTS, answers={"q": float("nan")}),
    ],
)
def test_facts_that_cannot_be_used_are_said_without_quoting_them(broken: LeadFacts) -> None:
    with pytest.raises(UnrenderableError) as error:
        render(broken)
    assert "pigeon" not in str(error.value)
