"""POST /api/v1/leads/{id}/dispositions: what a school sends, on a whole service."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from models.domain.organization import Scope, make_api_key
from tests.support.world import World


@pytest.fixture
def lead(world: World) -> dict[str, Any]:
    """An accepted lead, its request's token, and the keys of its school and of another one."""
    shown = (listing["school"]["id"] for listing in world.search()["results"])
    ours, other, *_ = (int(school.removeprefix("sch_")) for school in dict.fromkeys(shown))
    keys = [_key(world, world.takes_requests(unitid)) for unitid in (ours, other)]
    found = world.search()
    listing = next(r for r in found["results"] if r["school"]["id"] == f"sch_{ours}")
    accepted = world.send(world.body(found, listing)).json
    return {
        "id": accepted["leads"][0]["lead_id"],
        "request": accepted["request_id"],
        "token": accepted["token"],
        "key": keys[0],
        "stranger": keys[1],
    }


def _key(world: World, organization: UUID, *scopes: Scope) -> str:
    key = make_api_key("test", scopes or [Scope.WRITE_DISPOSITIONS])
    with world.work() as work:
        work.organizations.add_api_key(organization, key, world.clock.now())
    return key.presented


def _say(world: World, lead: dict[str, Any], key: str | None = None, **sent: Any) -> Any:
    return world.client.post(
        f"/api/v1/leads/{lead['id']}/dispositions",
        headers={"Authorization": f"Bearer {key or lead['key']}"},
        **sent,
    )


def test_what_a_school_says_is_what_the_student_sees(world: World, lead: dict[str, Any]) -> None:
    said = _say(world, lead, json={"status": "accepted", "reason": "Welcome"})
    assert (said.status_code, said.json["status"]) == (200, "accepted")
    assert _say(world, lead, json={"status": "accepted"}).json == said.json
    seen = world.client.get(
        f"/api/v1/requests/{lead['request']}",
        headers={"Authorization": f"Bearer {lead['token']}"},
    )
    assert [each["status"] for each in seen.json["leads"]] == ["accepted"]


def test_a_contradiction_is_409_and_says_what_may_follow(
    world: World, lead: dict[str, Any]
) -> None:
    _say(world, lead, json={"status": "enrolled"})
    refused = _say(world, lead, json={"status": "accepted"})
    assert refused.status_code == 409
    assert refused.mimetype == "application/problem+json"
    assert "What may follow: returned." in refused.json["detail"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": b"{", "content_type": "application/json"}, 400),
        ({"data": b"\xff\xfe", "content_type": "application/json"}, 400),
        ({"data": b"<status/>", "content_type": "text/xml"}, 415),
        ({"json": []}, 422),
        ({"json": {}}, 422),
        ({"json": {"status": "delighted"}}, 422),
        ({"json": {"status": "accepted", "mood": "good"}}, 422),
        ({"json": {"status": "accepted", "at": "yesterday"}}, 422),
        ({"json": {"status": "accepted", "at": "2026-11-22T12:00:00"}}, 422),
        ({"json": {"status": "accepted", "at": "0001-01-01T00:00:00+14:00"}}, 422),
        ({"json": {"status": "accepted", "reason": "x" * 501}}, 422),
        ({"json": {"status": "accepted", "reason": "nul \u0000"}}, 422),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_read_is_refused_and_kept_all_the_same(
    world: World, lead: dict[str, Any], sent: dict[str, Any], status: int
) -> None:
    refused = _say(world, lead, **sent)
    assert refused.status_code == status, refused.text
    assert refused.mimetype == "application/problem+json"
    assert [row.verdict for row in world.rows("SELECT verdict FROM disposition")] == ["unread"]


def test_the_future_is_refused(world: World, lead: dict[str, Any]) -> None:
    tomorrow = (world.clock.now() + timedelta(days=1)).isoformat()
    refused = _say(world, lead, json={"status": "accepted", "at": tomorrow})
    assert refused.status_code == 422
    assert [error["path"] for error in refused.json["errors"]] == ["at"]


def test_keys_open_only_their_own_leads(world: World, lead: dict[str, Any]) -> None:
    accepted = {"status": "accepted"}
    assert _say(world, lead, lead["stranger"], json=accepted).status_code == 404
    unknown = {**lead, "id": "lead_00000000000000000000000001"}
    assert _say(world, unknown, json=accepted).status_code == 404
    assert _say(world, {**lead, "id": "nonsense"}, json=accepted).status_code == 404
    forged = _say(world, lead, lead["key"][:-2] + "AA", json=accepted)
    assert forged.status_code == 401
    assert forged.headers["WWW-Authenticate"].lower().startswith("bearer")
    [owner] = world.rows("SELECT organization_id FROM lead")
    reader = _key(world, owner.organization_id, Scope.READ_LEADS)
    assert _say(world, lead, reader, json=accepted).status_code == 403
    assert world.count("disposition") == 0


def test_the_document_says_how_to_send_one(world: World) -> None:
    document = world.client.get("/api/v1/openapi.json").json
    post = document["paths"]["/api/v1/leads/{lead_id}/dispositions"]["post"]
    [content] = post["requestBody"]["content"].values()
    name = content["schema"]["$ref"].rpartition("/")[2]
    assert "status" in document["components"]["schemas"][name]["properties"]
    assert post["security"] == [{"api_key": ["dispositions:write"]}]
