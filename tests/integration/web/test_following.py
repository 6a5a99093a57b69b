"""Links followed and requests begun: in the log, by slate and position, and in nobody's way."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from matcher.match import Engine
from service.app import Parts, create_app
from service.services import ServingState
from tests.integration.api.test_requests import here
from tests.support.sponsors import unitid_of
from tests.support.world import World


@dataclass(frozen=True)
class SchoolsWithSites:
    """What serves, with a site for every school."""

    world: World

    def state(self) -> ServingState:
        state = self.world.serving.state()
        return replace(state, engine=self._with_sites(state.engine))

    def engine(self, catalog_version: str, ranker_version: str) -> Engine | None:
        engine = self.world.serving.engine(catalog_version, ranker_version)
        return engine and self._with_sites(engine)

    def _with_sites(self, engine: Engine) -> Engine:
        sites = (school._replace(url=f"{school.unitid}.example.edu") for school in engine.schools)
        return replace(engine, schools=tuple(sites))


@pytest.fixture
def client(world: World) -> Any:
    parts = Parts(serving=SchoolsWithSites(world), unit_of_work=world.work)
    return create_app(world.settings, parts).test_client()


def search(world: World, client: Any) -> Any:
    world.takes_requests(unitid_of(world.search()["results"][2]))
    sent = {"education_level": "high_school", "postal_code": "10940", "field": "51.07"}
    return client.post("/api/v1/matches", json=sent).json


def address(found: Any, listing: Any) -> str:
    return f"/visit?slate_id={found['slate_id']}&listing_id={listing['listing_id']}"


def events(world: World) -> list[tuple[str, int]]:
    return [tuple(row) for row in world.rows("SELECT kind, position FROM event ORDER BY 2, 1")]


def test_a_link_to_a_schools_site_is_followed_by_way_of_us_and_counted(
    world: World, client: Any
) -> None:
    found = search(world, client)
    listing = next(one for one in found["results"] if one["request"] == "school_site")
    results = client.get("/results?education_level=high_school&postal_code=10940&field=51.07")
    assert "/visit?slate_id=" in results.text
    assert "example.edu" not in results.text
    answer = client.get(address(found, listing))
    assert answer.status_code == 303
    assert answer.location == f"https://{unitid_of(listing)}.example.edu"
    assert answer.headers["Cache-Control"] == "no-store"
    assert events(world) == [("click", listing["position"])]


def test_an_address_that_is_not_ours_is_never_gone_to(world: World, client: Any) -> None:
    found = search(world, client)
    strange = {"listing_id": "lst_1_00000000"}
    for wrong in (
        address(found, strange),
        address({"slate_id": "slt_0"}, found["results"][0]),
        "/visit?url=https://evil.example",
    ):
        answer = client.get(wrong)
        assert answer.status_code == 404, wrong
        assert answer.location is None
    # In the catalog itself no school has a site.
    assert world.client.get(address(found, found["results"][0])).status_code == 404
    assert ("click", 1) in events(world)
    assert len(events(world)) == 1


def test_a_store_that_is_away_keeps_nobody_from_the_school(world: World) -> None:
    def away() -> Any:
        raise OSError("the database is away")

    client = create_app(
        world.settings, Parts(serving=SchoolsWithSites(world), unit_of_work=away)
    ).test_client()
    found = search(world, client)
    listing = next(one for one in found["results"] if one["request"] == "school_site")
    assert client.get(address(found, listing)).status_code == 303
    assert events(world) == []


def test_opening_the_form_from_a_card_is_a_click_and_a_request_begun(world: World) -> None:
    world.takes_requests(unitid_of(world.search()["results"][0]))
    found = world.search()
    listing = here(found)[0]
    query = {"slate_id": found["slate_id"], "listing_id": listing["listing_id"]}
    # In the catalog itself no school has a site.
    assert world.client.get("/request", query_string=query).status_code == 200
    place = listing["position"]
    assert events(world) == [("click", place), ("request_started", place)]


def test_asking_the_interface_for_its_form_begins_a_request(world: World) -> None:
    world.takes_requests(unitid_of(world.search()["results"][0]))
    found = world.search()
    world.body(found, here(found)[0])
    assert events(world) == [("request_started", here(found)[0]["position"])]
