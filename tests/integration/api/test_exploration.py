"""Exploration as visitors meet it: pages, what is kept of them, requests for what they show."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from sqlalchemy import Engine

from matcher import match
from matcher.replay import served_differently
from models.db.crypto import Keyring
from models.domain.caps import Caps
from models.domain.ids import Prefix, read
from models.domain.matching import PAGE_SIZE
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from tests.support.sponsors import unitid_of
from tests.support.world import Store, World, make_settings, make_world
from workers.maintenance.slate_log import RedisSlateStream, drain_slate_log

ZIPS = ("10940", "33125", "60601", "98101", "79901", "02139", "64105", "45202")


@pytest.fixture
def world(
    engine: Engine, keyring: Keyring, database_url: str, redis_url: str, store: Store
) -> World:
    """A service that explores every search."""
    settings = make_settings(store.path, database_url, redis_url, explore_share=1.0)
    return make_world(engine, keyring, settings, store)


def listed(found: Any) -> list[str]:
    return [one["program"]["id"] for one in found["results"]]


def organic(found: Any) -> dict[int, str]:
    return {one["organic_position"]: one["program"]["id"] for one in found["results"]}


def look(world: World, found: Any, **more: Any) -> Any:
    return world.client.post("/api/v1/matches", json={"slate_id": found["slate_id"], **more}).json


def searches(world: World) -> Iterator[Any]:
    return (world.search(postal_code=code) for code in ZIPS)


def test_what_chance_drew_is_kept_and_drawn_again(
    world: World, redis_url: str, unit_of_work: UnitOfWorkFactory
) -> None:
    """Invariant 8: first and next pages of explored slates, from what the database keeps."""
    valkey = redis.Redis.from_url(redis_url)
    moved = 0
    for found in searches(world):
        second = look(world, found, page=2)
        assert not set(listed(found)) & set(listed(second))
        assert look(world, found)["results"] == found["results"]
        drain_slate_log(RedisSlateStream(valkey, "test"), unit_of_work)
        with unit_of_work() as work:
            slate = work.slates.get(read(Prefix.SLATE, found["slate_id"]))
            kept = work.slates.pages(read(Prefix.SLATE, found["slate_id"]))
        assert slate is not None
        assert slate.explore_share == 1
        engine = world.serving.engine(slate.catalog_version, slate.ranker_version)
        assert engine is not None
        drawn = match.draw(engine, slate)
        for record in kept:
            assert record.explored
            page = match.page(engine, drawn, record.page)
            assert page.draw_propensity == record.draw_propensity < 1
            for listing, served in zip(page.listings, record.listings, strict=True):
                assert served_differently(listing, served) == ()
                moved += "plain_position" in served
                if served["organic_position"] > PAGE_SIZE:
                    assert served["propensity"] == 1
    assert moved > 20


def test_the_same_answers_are_shown_the_same_order_whoever_pays(world: World) -> None:
    """Invariant 1, through the API: a sponsor moves in, every organic rank stays."""
    found = world.search()
    last = found["results"][-1]
    organization = world.takes_requests(unitid_of(last))
    assert listed(world.search()) == listed(found)
    world.sponsors(organization, unitid_of(last), Caps(day=5), last["program"])
    paid = world.search()
    assert any(one["sponsored"] for one in paid["results"])
    before, after = organic(found), organic(paid)
    assert {place: after[place] for place in after if place in before} == {
        place: before[place] for place in before if place in after
    }
    hidden = world.search(hide_sponsored=True)
    assert listed(hidden) == listed(found)


def test_what_an_explored_page_shows_can_be_asked(world: World) -> None:
    first = world.search()["results"][0]
    world.takes_requests(unitid_of(first))
    found = world.search()
    assert found["results"][0]["listing_id"] != first["listing_id"]
    assert listed(found)[0] == first["program"]["id"]
    answer = world.send(world.body(found, found["results"][0]))
    assert answer.status_code == 202, answer.text
    assert len(answer.json["leads"]) == 1
