"""A demonstration says that it is one, in every answer of the API (invariant 14)."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from models.domain.caps import Caps
from service.app import Parts, create_app
from service.services import ServingState
from service.serving import Serving
from tests.integration.api.test_requests import here
from tests.support.sponsors import sponsor, unitid_of
from tests.support.world import SEARCH, World

HEADER = "Schoolmatch-Demonstration"


@dataclass(frozen=True)
class LearnedFromNobody:
    """What serves, if its ranker had learned from simulated visitors."""

    serving: Serving

    def state(self) -> ServingState:
        return replace(self.serving.state(), simulated=True)

    def engine(self, catalog_version: str, ranker_version: str) -> Any:
        return self.serving.engine(catalog_version, ranker_version)


def answers(world: World) -> list[Any]:
    """One answer of every kind: taken, refused, broken, not there, too large."""
    client, found = world.client, world.search()
    events = {
        "slate_id": found["slate_id"],
        "events": [{"kind": "click", "listing_id": found["results"][0]["listing_id"]}],
    }
    return [
        client.post("/api/v1/matches", json=SEARCH),
        client.post("/api/v1/matches", json={}),
        client.post("/api/v1/matches", data=b"{", content_type="application/json"),
        client.post("/api/v1/matches", data=b"{}", content_type="text/plain"),
        client.post("/api/v1/matches", json={"query": "x" * 2_000_000}),
        client.get("/api/v1/matches"),
        client.post("/api/v1/fields", json={"text": "nursing"}),
        client.post("/api/v1/events", json=events),
        client.get("/api/v1/request-form"),
        client.post("/api/v1/requests", json={}),
        client.get("/api/v1/requests/req_01jd0000000000000000000000"),
        client.get("/api/v1/feed/leads"),
        client.post("/api/v1/leads/lead_01jd0000000000000000000000/dispositions", json={}),
        client.get("/api/v1/nothing"),
        client.get("/api/v1/openapi.json"),
    ]


def told(world: World) -> set[str | None]:
    return {answer.headers.get(HEADER) for answer in answers(world)}


def test_every_answer_says_while_fictional_sponsors_pay(world: World) -> None:
    """Invariant 14: every answer of the API says that it is a demonstration."""
    assert told(world) == {None}, "nothing demonstrates yet"
    sponsor(world, Caps(), organic=False)
    assert told(world) == {"fictional_sponsors"}
    assert HEADER not in world.client.get("/livez").headers


def test_every_answer_says_while_a_simulated_ranker_serves(world: World) -> None:
    """Invariant 14: every answer of the API says that it is a demonstration."""
    parts = Parts(unit_of_work=world.work, serving=LearnedFromNobody(world.serving))
    world.app = create_app(world.settings, parts)
    assert told(world) == {"simulated_ranker"}
    found = world.search()
    assert found["demonstration"] is True
    assert [note["code"] for note in found["demonstration_notes"]] == ["simulated_ranker"]


def test_an_accepted_request_says_so_too(world: World) -> None:
    """Invariant 14, where a person's data is taken."""
    found = sponsor(world, Caps(), organic=True)
    sent = world.send(world.body(found, here(found)[0]))
    assert (sent.status_code, sent.headers[HEADER]) == (202, "fictional_sponsors")


@pytest.mark.parametrize(
    "wish",
    [
        {"education_level": "no_diploma", "query": None},
        {"hide_sponsored": True},
        {"postal_code": "K1A 0B1"},
    ],
)
def test_results_without_sponsors_say_it_too(world: World, wish: Any) -> None:
    """Invariant 14: it is one installation, whoever searches."""
    chosen = world.search()["results"][3]
    organization = world.takes_requests(unitid_of(chosen))
    world.sponsors(organization, unitid_of(chosen), Caps(), chosen["program"])
    found = world.search(**wish)
    assert found["demonstration"] is True
    assert [note["code"] for note in found["demonstration_notes"]] == ["fictional_sponsors"]


def test_the_document_names_the_header_at_every_answer(world: World) -> None:
    document = world.client.get("/api/v1/openapi.json").json
    components = document["components"]["responses"]
    for path, methods in document["paths"].items():
        for method in methods.values():
            if not isinstance(method, dict):
                continue
            for status, response in method["responses"].items():
                there = (
                    components[response["$ref"].rpartition("/")[2]]
                    if "$ref" in response
                    else response
                )
                assert HEADER in there.get("headers", {}), f"{path} {status}"
