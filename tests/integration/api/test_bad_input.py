"""Whatever is sent, the answer says what to do, and is never a 500 (issue 2, Bad input)."""

import gzip
from typing import Any

import pytest

from models.domain.ids import Prefix, read
from tests.support.world import SEARCH, World

POSTAL = "Enter a US ZIP code, like 30332, or a Canadian postal code, like K1A 0B1"


def errors(answer: Any) -> dict[str, str]:
    """The first message of each path; the answer must be a whole problem document."""
    assert answer.mimetype == "application/problem+json", answer.text
    assert answer.json["status"] == answer.status_code
    assert answer.json["title"]
    assert answer.json["detail"]
    found: dict[str, str] = {}
    for error in answer.json.get("errors", []):
        found.setdefault(error["path"], error["detail"])
    return found


def changed(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**SEARCH, **changes}.items() if value is not ...}


@pytest.mark.parametrize(
    ("sent", "path", "message"),
    [
        ({}, "education_level", "Select your highest level of education"),
        ({}, "postal_code", f"{POSTAL}, or choose your state or province"),
        (changed(postal_code="00001"), "postal_code", "We cannot find 00001. Check it"),
        (changed(postal_code="١٠٩٤٠"), "postal_code", POSTAL),
        (changed(postal_code="1094"), "postal_code", POSTAL),
        (changed(postal_code=10940), "postal_code", POSTAL),
        (changed(postal_code="10940\0"), "postal_code", POSTAL),
        (changed(query="x" * 100_000), "query", "Use 200 characters or fewer"),
        (changed(query="nurs\0ing"), "query", "Remove the characters that cannot be seen"),
        (changed(query="nurs\ud800ing"), "query", "Remove the characters that cannot be seen"),
        (changed(query="qwrtzp"), "query", "We did not find “qwrtzp”. Try a simpler word"),
        (changed(query=["nursing"]), "query", "Send this as text"),
        (changed(query=..., field="99.99"), "field", "There is no field 99.99"),
        (changed(field="51.07"), "query", "Send field or query, not both"),
        (changed(educaton_level="high_school"), "educaton_level", "There is no such field here"),
        (changed(educaton_level=None), "educaton_level", "There is no such field here"),
        (changed(filters={"color": "red"}), "filters.color", "There is no such field here"),
        (changed(filters=[1]), "filters", "Send an object with named values"),
        (changed(filters={"states": ["ZZ"]}), "filters.states.0", "Choose a state or province"),
        (changed(education_level="phd"), "education_level", "Select your highest level"),
        (changed(format="tv"), "format", "Use one of: online, campus, either"),
        (changed(page=0), "page", "Send a whole number from 1"),
        (changed(page=True), "page", "Send a whole number from 1"),
        (changed(page=9999), "page", "There are "),
        (changed(max_distance_miles=1e9), "max_distance_miles", "Send a whole number from 1"),
        (changed(locale="xx"), "locale", "Use one of: en, es, fr"),
        (changed(postal_code=..., region="ZZ"), "region", "Choose a state or province"),
        ({"slate_id": "slt_1"}, "slate_id", "slate_id is not known or has ended; search again"),
        (
            {"slate_id": "slt_01jd0000000000000000000000", "page": 2},
            "slate_id",
            "slate_id is not known or has ended; search again",
        ),
        ([1, 2], "", "Send an object with named values"),
        ("nursing", "", "Send an object with named values"),
    ],
)
def test_a_search_that_cannot_be_used_says_what_to_change(
    world: World, sent: Any, path: str, message: str
) -> None:
    answer = world.client.post("/api/v1/matches", json=sent)
    assert answer.status_code == 422
    assert errors(answer)[path].startswith(message)


@pytest.mark.parametrize(
    ("typed", "jurisdiction"),
    [
        ("K1A0B1", "CA-ON"),
        ("k1a 0b1", "CA-ON"),
        ("10940-1234", "US-NY"),
        (" 10940 ", "US-NY"),
        ("\uff11\uff10\uff19\uff14\uff10", "US-NY"),  # full-width digits are digits after NFKC
    ],
)
def test_postal_codes_are_read_however_they_are_typed(
    world: World, typed: str, jurisdiction: str
) -> None:
    found = world.search(postal_code=typed)
    assert found["total"] > 0
    slate = world.app.extensions["schoolmatch"].slates.find(read(Prefix.SLATE, found["slate_id"]))
    assert slate.jurisdiction == jurisdiction


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"a":', b"\xff\xfe", b"[" * 100_000, b'{"page": NaN}', b"{'a': 1}"],
)
def test_broken_json_is_a_400_that_says_so(world: World, body: bytes) -> None:
    answer = world.client.post("/api/v1/matches", data=body, content_type="application/json")
    assert answer.status_code == 400
    errors(answer)
    assert "JSON" in answer.json["detail"] or "nested" in answer.json["detail"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_another_type_than_json_is_a_415(world: World, kind: str | None) -> None:
    answer = world.client.post("/api/v1/matches", data=b"{}", content_type=kind)
    assert answer.status_code == 415
    assert "Content-Type: application/json" in answer.json["detail"]


def test_a_method_that_is_not_there_is_a_405_with_allow(world: World) -> None:
    answer = world.client.get("/api/v1/matches")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    errors(answer)


def test_an_address_that_is_not_there_is_a_404(world: World) -> None:
    answer = world.client.get("/api/v1/nothing")
    assert answer.status_code == 404
    errors(answer)


def test_more_than_we_read_is_a_413(world: World) -> None:
    answer = world.client.post("/api/v1/matches", json={"query": "x" * 2_000_000})
    assert answer.status_code == 413
    assert "Send less" in answer.json["detail"]


def test_a_page_that_is_not_there_is_a_page(world: World) -> None:
    answer = world.client.get("/nothing")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_too_many_searches_from_one_address_wait_a_minute(world: World) -> None:
    cache = world.app.extensions["schoolmatch"].slates
    cache._per_minute = 3
    codes = [world.client.post("/api/v1/matches", json=SEARCH).status_code for _ in range(8)]
    # The minute may end between two searches; then three more are let through.
    assert codes[:3] == [200, 200, 200]
    assert 429 in codes
    answer = world.client.post("/api/v1/fields", json={"text": "nursing"})
    if answer.status_code == 429:
        assert 0 < int(answer.headers["Retry-After"]) <= 60
        assert answer.json["detail"].startswith("Wait a minute")


def test_text_about_no_field_finds_none_and_a_name_finds_its_family(world: World) -> None:
    def find(text: str) -> list[str]:
        answer = world.client.post("/api/v1/fields", json={"text": text})
        assert answer.status_code == 200
        return [field["cip"] for field in answer.json["fields"]]

    assert find("medical records technician")[0] == "51.07"
    assert find("qwrtzp") == []


def test_a_later_page_continues_the_draw_and_refuses_other_answers(world: World) -> None:
    first = world.search()
    second = world.search(slate_id=first["slate_id"], page=2)
    assert second["results"][0]["position"] == 21
    alone = world.client.post("/api/v1/matches", json={"slate_id": first["slate_id"], "page": 2})
    assert alone.json["results"] == second["results"]
    other = world.client.post(
        "/api/v1/matches",
        json={**SEARCH, "education_level": "bachelor", "slate_id": first["slate_id"]},
    )
    assert other.status_code == 422
    assert "drawn for other answers" in errors(other)["slate_id"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"page": NaN}', "The body has NaN, which JSON has not. Send a number or null."),
        (b'{"page": -Infinity}', "The body has -Infinity, which JSON has not."),
        (
            b'{"page": ' + b"9" * 5000 + b"}",
            "A number in the body has 5000 digits. Send at most 25",
        ),
        (b'{"page": 1e999}', "A number in the body is too large to read: 1e999"),
        (b'{"page": 1, "page": 2}', "The body names “page” twice in one object. Send it once."),
        (b'{"filters": {"states": [], "states": []}}', "The body names “states” twice"),
        (gzip.compress(b"{}"), "The body is compressed. Send it as it is."),
        (b'{"a": "\xff"}', "The body is not JSON in UTF-8."),
    ],
    ids=["nan", "infinity", "digits", "overflow", "twice", "twice inside", "gzip", "latin"],
)
def test_a_body_that_cannot_be_read_says_what_is_wrong_with_it(
    world: World, body: bytes, says: str
) -> None:
    answer = world.client.post("/api/v1/matches", data=body, content_type="application/json")
    assert answer.status_code == 400
    errors(answer)
    assert answer.json["detail"].startswith(says)


@pytest.mark.parametrize("coding", ["gzip", "br", "GZIP, deflate"])
def test_a_compressed_body_is_a_415_that_names_what_is_read(world: World, coding: str) -> None:
    answer = world.client.post(
        "/api/v1/matches",
        data=gzip.compress(b"{}"),
        content_type="application/json",
        headers={"Content-Encoding": coding},
    )
    assert answer.status_code == 415
    assert answer.headers["Accept-Encoding"] == "identity"
    assert answer.json["detail"].startswith("Send the body as it is, without Content-Encoding")


def test_a_program_that_is_limited_is_not_told_that_something_was_saved(world: World) -> None:
    world.app.extensions["schoolmatch"].slates._per_minute = 0
    answer = world.client.post("/api/v1/matches", json=SEARCH)
    assert answer.status_code == 429
    assert answer.json["detail"] == "Wait a minute, then send again. Nothing of this was kept"
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_one_subscriber_cannot_ask_from_every_address_of_a_network(world: World) -> None:
    cache = world.app.extensions["schoolmatch"].slates
    cache._per_minute = 3
    # The minute may end between two of them; eight are more than three in each of two.
    codes = [
        world.client.post(
            "/api/v1/fields",
            json={"text": "nursing"},
            environ_overrides={"REMOTE_ADDR": f"2001:db8:1:2::{last:x}"},
        ).status_code
        for last in range(1, 9)
    ]
    assert 429 in codes
