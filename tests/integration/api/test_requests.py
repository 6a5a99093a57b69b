"""Sending a request: what is accepted is kept whole, and what is not leaves nothing."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from models.db.crypto import WrappedKey
from models.domain.ids import Prefix, read
from tests.integration.api.test_bad_input import errors
from tests.support.sponsors import unitid_of
from tests.support.world import SEARCH, World

PERSONAL = ("person_key", "request", "lead", "lead_listing", "consent", "delivery", "cap_ledger")


def stored(world: World) -> dict[str, int]:
    return {table: world.count(table) for table in PERSONAL}


@pytest.fixture
def found(world: World) -> Any:
    """Matches whose first two organic schools take requests here."""
    results = world.search()["results"]
    unitids = list(dict.fromkeys(unitid_of(one) for one in results))[:2]
    for unitid in unitids:
        world.takes_requests(unitid)
    return world.search()


def here(found: Any) -> list[Any]:
    """One listing of each school that can be asked here."""
    schools: dict[str, Any] = {}
    for one in found["results"]:
        if one["request"] == "here":
            schools.setdefault(one["school"]["id"], one)
    return list(schools.values())


def test_an_accepted_request_is_kept_in_one_transaction_with_everything_it_needs(
    world: World, found: Any
) -> None:
    """Invariant 4: request, leads, consents and deliveries are there before the answer."""
    body = world.body(found, *here(found))
    answer = world.send(body)
    assert answer.status_code == 202, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert [lead["status"] for lead in answer.json["leads"]] == ["accepted_by_us"] * 2
    assert answer.json["not_taken"] == []
    assert stored(world) == {
        "person_key": 1,
        "request": 1,
        "lead": 2,
        "lead_listing": 2,
        "consent": 2,
        "delivery": 2,
        "cap_ledger": 0,
    }
    assert (
        len(
            {
                row.xmin
                for row in world.rows(
                    "SELECT xmin::text FROM request "
                    "UNION ALL SELECT xmin::text FROM lead UNION ALL "
                    "SELECT xmin::text FROM consent UNION ALL SELECT xmin::text FROM delivery"
                )
            }
        )
        == 1
    )
    assert world.nudges == [1]


def test_what_a_student_says_is_sealed_under_their_own_key(world: World, found: Any) -> None:
    """Invariant 11: personal data at rest opens only with the person's key."""
    body = world.body(found, *here(found))
    body["student"]["phone"] = "404 555 0123"
    assert world.send(body).status_code == 202
    [row] = world.rows(
        "SELECT r.id, r.student, r.email_index, r.slate, p.person_id, p.master_key_id, p.wrapped "
        "FROM request r JOIN person_key p USING (person_id)"
    )
    assert b"zoe" not in bytes(row.student)
    assert "zoe" not in json.dumps(row.slate)
    key = world.keyring.unwrap(WrappedKey(row.master_key_id, bytes(row.wrapped)), row.person_id)
    student = json.loads(key.open(bytes(row.student), "request", "student", row.id))
    assert student["email"] == "zoe@example.com"
    assert student["phone"] is None, "no consent to calls or texts: the number is not kept"
    assert bytes(row.email_index) == world.keyring.blind_index("email", "zoe@example.com")
    for each in world.rows("SELECT id, canonical, commitment FROM consent"):
        canonical = key.open(bytes(each.canonical), "consent", "canonical", each.id)
        assert hashlib.sha256(canonical).digest() == bytes(each.commitment)
        assert json.loads(canonical)["contact"] == "zoe@example.com"


def test_only_the_schools_ticked_get_a_lead(world: World, found: Any) -> None:
    """Invariant 3: recipients are exactly the schools ticked, each with its consent."""
    one, _ = here(found)
    answer = world.send(world.body(found, one))
    assert [lead["school_id"] for lead in answer.json["leads"]] == [one["school"]["id"]]
    assert [row.unitid for row in world.rows("SELECT unitid FROM lead")] == [unitid_of(one)]
    assert (
        world.rows(
            "SELECT 1 FROM delivery d WHERE NOT EXISTS "
            "(SELECT 1 FROM consent c WHERE c.lead_id = d.lead_id)"
        )
        == []
    )


def test_the_same_key_and_body_get_the_same_answer(world: World, found: Any) -> None:
    body = world.body(found, *here(found))
    first = world.send(body, "one-key")
    again = world.send(json.loads(json.dumps(body, sort_keys=True)), "one-key")
    assert (again.status_code, again.json) == (202, first.json)
    assert world.count("request") == 1
    body["student"]["first_name"] = "Ann"
    other = world.send(body, "one-key")
    assert other.status_code == 422
    assert "used for another request" in errors(other)["Idempotency-Key"]


def test_the_same_submission_from_many_threads_is_one_request(world: World, found: Any) -> None:
    body = world.body(found, *here(found))
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: world.send(body, "one-key"), range(8)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json["request_id"] for answer in answers}) == 1
    assert stored(world)["lead"] == 2
    assert world.count("person_key") == 1


def test_a_request_can_be_followed_with_its_token_and_with_nothing_else(
    world: World, found: Any
) -> None:
    sent = world.send(world.body(found, *here(found))).json
    path = f"/api/v1/requests/{sent['request_id']}"
    view = world.client.get(path, headers={"Authorization": f"Bearer {sent['token']}"})
    assert view.status_code == 200
    assert [lead["status"] for lead in view.json["leads"]] == ["accepted_by_us"] * 2
    assert [lead["lead_id"] for lead in view.json["leads"]] == [
        lead["lead_id"] for lead in sent["leads"]
    ]
    assert view.headers["Cache-Control"] == "no-store"
    for header in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Basic {sent['token']}"}):
        refused = world.client.get(path, headers=header)
        assert refused.status_code == 401
        assert "Bearer" in refused.headers["WWW-Authenticate"]
    assert world.client.get("/api/v1/requests/req_1").status_code == 404


def _not_chosen(body: Any) -> None:
    body["consents"][0]["school_id"] = "sch_999999"


def _stale(body: Any) -> None:
    body["consents"][0]["text_id"] = "txt_" + "0" * 40


def _swapped(body: Any) -> None:
    first, second = body["consents"]
    first["text_id"], second["text_id"] = second["text_id"], first["text_id"]


def _other_channel(body: Any) -> None:
    body["consents"][0]["channel"] = "call"
    body["student"]["phone"] = "404 555 0123"


@pytest.mark.parametrize(
    ("spoil", "path", "message"),
    [
        (_not_chosen, "consents.0.school_id", "This consent is for a school that is not chosen"),
        (_stale, "consents.0.text_id", "This text is not known or has changed"),
        (_swapped, "consents.0.text_id", "This text is not known or has changed"),
        (_other_channel, "consents.0.text_id", "This text is not known or has changed"),
        (lambda body: body["consents"].pop(), "consents", "Agree to at least one way"),
        (lambda body: body.update(consents=[]), "consents", "Agree to at least one way"),
        (lambda body: body.pop("consents"), "consents", "Send at least one"),
        (
            lambda body: body["consents"].append(body["consents"][0]),
            "consents.2",
            "This consent is given twice",
        ),
        (
            lambda body: body["student"].update(age_18_or_over=False),
            "student.age_18_or_over",
            "You must be 18 or over",
        ),
        (lambda body: body["student"].pop("email"), "student.email", "Enter your email address"),
        (
            lambda body: body["student"].update(email="zoe@"),
            "student.email",
            "Enter an email address in the correct format",
        ),
        (
            lambda body: body["student"].update(phone="٤٠٤٥٥٥٠١٢٣"),
            "student.phone",
            "Enter a US or Canadian phone number",
        ),
        (
            lambda body: body["student"].update(phone="+44 20 7946 0958"),
            "student.phone",
            "Enter a US or Canadian phone number",
        ),
        (
            lambda body: body["student"].update(first_name="\0"),
            "student.first_name",
            "Remove the characters",
        ),
        (lambda body: body["student"].update(ssn="1"), "student.ssn", "There is no such field"),
        (lambda body: body.update(listing_ids=[]), "listing_ids", "Select at least one school"),
        (
            lambda body: body["listing_ids"].append("lst_1_zzzzzzzz"),
            "listing_ids.2",
            "lst_1_zzzzzzzz is not a listing of this slate",
        ),
        (
            lambda body: body["listing_ids"].append("lst_999999_zzzzzzzz"),
            "listing_ids.2",
            "lst_999999_zzzzzzzz is not a listing",
        ),
        (
            lambda body: body.update(slate_id="slt_01jd0000000000000000000000"),
            "slate_id",
            "slate_id is not known or has ended; search again",
        ),
        (
            lambda body: body.update(answers={body["consents"][0]["school_id"]: {"q": "v"}}),
            None,
            "This school asks no such question",
        ),
    ],
)
def test_a_request_that_cannot_be_used_says_why_and_leaves_nothing(
    world: World, found: Any, spoil: Any, path: str | None, message: str
) -> None:
    body = world.body(found, *here(found))
    spoil(body)
    answer = world.send(body)
    assert answer.status_code == 422, answer.text
    told = errors(answer)
    said = told[path] if path is not None else next(iter(told.values()))
    assert said.startswith(message)
    assert set(stored(world).values()) == {0}


def test_a_phone_channel_needs_a_phone_number(world: World, found: Any) -> None:
    one, _ = here(found)
    body = world.body(found, one)
    form = world.client.get(
        "/api/v1/request-form",
        query_string={"slate_id": found["slate_id"], "listing_ids": one["listing_id"]},
    ).json
    body["consents"] = [
        {name: each[name] for name in ("school_id", "channel", "text_id")}
        for each in form["consents"]
    ]
    answer = world.send(body)
    assert errors(answer)["student.phone"].startswith("Enter a phone number")
    body["student"]["phone"] = "(404) 555-0123"
    assert world.send(body).status_code == 202
    assert world.count("consent") == 3


def test_a_key_is_asked_for(world: World, found: Any) -> None:
    body = world.body(found, *here(found))
    answer = world.client.post("/api/v1/requests", json=body)
    assert answer.status_code == 422
    assert "Idempotency-Key" in errors(answer)["Idempotency-Key"]


def test_a_listing_that_takes_no_requests_cannot_be_asked(world: World, found: Any) -> None:
    """Invariant 3: nothing is collected for a school that takes no leads here."""
    closed = next(one for one in found["results"] if one["request"] != "here")
    body = world.body(found, *here(found))
    body["listing_ids"].append(closed["listing_id"])
    answer = world.send(body)
    assert answer.status_code == 422
    assert "takes no requests here" in errors(answer)["listing_ids.2"]
    form = world.client.get(
        "/api/v1/request-form",
        query_string={
            "slate_id": found["slate_id"],
            "listing_ids": closed["listing_id"],
        },
    )
    assert form.status_code == 422
    assert set(stored(world).values()) == {0}


def test_a_listing_of_another_slate_is_refused(world: World, found: Any) -> None:
    other = world.search()
    body = world.body(found, *here(found))
    body["slate_id"] = other["slate_id"]
    answer = world.send(body)
    assert answer.status_code == 422
    assert "is not a listing of this slate" in errors(answer)["listing_ids.0"]


def test_a_school_that_closes_between_form_and_sending_leaves_nothing(
    world: World, found: Any
) -> None:
    """The poller may be a second behind; the rows decide, and the transaction rolls back."""
    body = world.body(found, *here(found))
    with world.engine.begin() as connection:
        connection.execute(text("UPDATE destination SET status = 'paused'"))
    answer = world.send(body)
    assert answer.status_code == 422
    assert "takes no requests here" in errors(answer)["listing_ids"]
    assert set(stored(world).values()) == {0}


def test_no_lead_is_made_of_somebody_without_a_diploma(world: World) -> None:
    wish = {"education_level": "no_diploma", "query": None}
    world.takes_requests(unitid_of(world.search(**wish)["results"][0]))
    found = world.search(**wish)
    assert {one["request"] for one in found["results"]} <= {"school_site", "none"}
    form = world.client.get(
        "/api/v1/request-form",
        query_string={
            "slate_id": found["slate_id"],
            "listing_ids": found["results"][0]["listing_id"],
        },
    )
    assert form.status_code == 422
    assert "diploma or GED" in errors(form)["listing_ids"]


def test_more_than_five_schools_are_too_many(world: World) -> None:
    results = world.search(sort="distance")["results"]
    for unitid in list(dict.fromkeys(unitid_of(one) for one in results))[:6]:
        world.takes_requests(unitid)
    found = world.search(sort="distance")
    answer = world.client.get(
        "/api/v1/request-form",
        query_string={
            "slate_id": found["slate_id"],
            "listing_ids": ",".join(one["listing_id"] for one in here(found)[:6]),
        },
    )
    assert answer.status_code == 422
    assert errors(answer)["listing_ids"] == "Choose up to 5 schools"


def test_ids_of_a_request_read_back(world: World, found: Any) -> None:
    sent = world.send(world.body(found, *here(found))).json
    assert isinstance(read(Prefix.REQUEST, sent["request_id"]), UUID)
    assert sent["status_url"].endswith(f"/api/v1/requests/{sent['request_id']}")
    assert SEARCH["postal_code"] not in sent["status_url"]
