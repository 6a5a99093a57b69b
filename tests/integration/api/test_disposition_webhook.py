"""POST /api/v1/destinations/{id}/dispositions: what a school's system signs, on a whole service."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from standardwebhooks import Webhook

from models.domain.destination import DestinationStatus
from models.domain.ids import Prefix, show
from tests.support.world import World

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "A" * 32


@pytest.fixture
def lead(world: World) -> dict[str, Any]:
    """An accepted lead and the destination that it goes to."""
    first = world.search()["results"][0]
    world.takes_requests(int(first["school"]["id"].removeprefix("sch_")))
    found = world.search()
    listing = next(r for r in found["results"] if r["school"]["id"] == first["school"]["id"])
    accepted = world.send(world.body(found, listing)).json
    [row] = world.rows("SELECT id FROM destination")
    return {"id": accepted["leads"][0]["lead_id"], "destination": row.id}


def say(world: World, lead: dict[str, Any], key: str = KEY, **changes: Any) -> Any:
    data = {"lead_id": lead["id"], "status": "accepted", **changes.pop("data", {})}
    body = json.dumps({"type": "lead.disposition", "data": data}).encode()
    at = world.clock.now() + changes.pop("later", timedelta())
    # Signed by the published library, and not by our own few lines.
    signature = Webhook(key).sign("msg_1", at, body.decode())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": f"v1a,other {signature}",
        "Content-Type": "application/json",
        **changes.pop("headers", {}),
    }
    destination = changes.pop("destination", lead["destination"])
    return world.client.post(
        f"/api/v1/destinations/{show(Prefix.DESTINATION, destination)}/dispositions",
        data=changes.pop("body", body),
        headers=headers,
    )


def test_what_is_signed_counts_and_the_same_again_is_the_same(
    world: World, lead: dict[str, Any]
) -> None:
    said = say(world, lead)
    assert (said.status_code, said.json) == (200, {"lead_id": lead["id"], "status": "accepted"})
    assert say(world, lead).json == said.json
    verdicts = [row.verdict for row in world.rows("SELECT verdict FROM disposition ORDER BY id")]
    assert sorted(verdicts) == ["applied", "repeated"]
    say(world, lead, data={"status": "enrolled"})
    assert say(world, lead, data={"status": "rejected"}).status_code == 409


@pytest.mark.parametrize(
    "changes",
    [
        {"key": OTHER},
        {"later": timedelta(seconds=302)},
        {"later": timedelta(seconds=-302)},
        {"headers": {"webhook-id": "msg_2"}},
        {"headers": {"webhook-signature": ""}},
        {"headers": {"webhook-timestamp": "soon"}},
        {"body": b'{"data": {}}'},
        {"destination": UUID(int=7)},
    ],
    ids=str,
)
def test_what_nobody_signed_or_is_old_is_refused_and_nothing_kept(
    world: World, lead: dict[str, Any], changes: dict[str, Any]
) -> None:
    refused = say(world, lead, **changes)
    assert refused.status_code == 401, refused.text
    assert refused.mimetype == "application/problem+json"
    assert world.count("disposition") == 0


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"status": "happy"}, 422),
        ({"lead_id": "lead_1"}, 422),
        ({"lead_id": None}, 422),
        ({"mood": "good"}, 422),
        ({"lead_id": "lead_00000000000000000000000001"}, 404),
    ],
    ids=str,
)
def test_what_cannot_be_read_says_why(
    world: World, lead: dict[str, Any], data: dict[str, Any], status: int
) -> None:
    refused = say(world, lead, data=data)
    assert refused.status_code == status, refused.text
    assert refused.mimetype == "application/problem+json"


def test_the_keys_of_a_destination_that_was_removed_open_nothing(
    world: World, lead: dict[str, Any]
) -> None:
    assert say(world, lead).status_code == 200
    with world.work() as work:
        work.destinations.set_status(lead["destination"], DestinationStatus.PAUSED)
        work.destinations.set_status(lead["destination"], DestinationStatus.REMOVED)
    assert say(world, lead, data={"status": "returned"}).status_code == 401
