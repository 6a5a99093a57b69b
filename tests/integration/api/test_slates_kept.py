"""Slates are kept before they are answered, outlive their cache, are drawn again as they were."""

import json
from typing import Any
from uuid import UUID

import pytest
import redis
from sqlalchemy import event

from matcher import match
from models.domain.caps import Caps
from models.domain.ids import Prefix, read
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.slates import SLATE_STREAM
from tests.integration.api.test_requests import here
from tests.support.sponsors import sponsor, unitid_of
from tests.support.world import SEARCH, World
from workers.maintenance.slate_log import LogEntry, RedisSlateStream, drain_slate_log


@pytest.fixture
def valkey(redis_url: str) -> redis.Redis:
    return redis.Redis.from_url(redis_url)


def slate_id_of(found: Any) -> UUID:
    return read(Prefix.SLATE, found["slate_id"])


def test_what_was_served_is_drawn_again_bit_for_bit(
    world: World, valkey: redis.Redis, unit_of_work: UnitOfWorkFactory
) -> None:
    """Invariant 8: from the kept slate alone come the listings, scores and codes as served."""
    found = sponsor(world, Caps(day=5), organic=True)
    world.search(slate_id=found["slate_id"], page=2)
    assert drain_slate_log(RedisSlateStream(valkey, "test"), unit_of_work) == 3
    # Campaigns change after the slate was served, and the cache forgets it.
    with world.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE campaign SET status = 'paused'")
    world.serving.poll()
    valkey.flushall()
    with unit_of_work() as work:
        slate = work.slates.get(slate_id_of(found))
        kept = work.slates.pages(slate_id_of(found))
    assert slate is not None
    assert [page.page for page in kept] == [1, 2]
    engine = world.serving.engine(slate.catalog_version, slate.ranker_version)
    assert engine is not None
    drawn = match.draw(engine, slate)
    for record in kept:
        page = match.page(engine, drawn, record.page)
        assert [
            (one.position, one.organic_position, one.program.id, one.score, list(one.codes))
            for one in page.listings
        ] == [
            (
                one["position"],
                one["organic_position"],
                one["program_id"],
                one["score"],
                one["codes"],
            )
            for one in record.listings
        ]
        assert [
            one.campaign_version_id and one.campaign_version_id.hex for one in page.listings
        ] == [one["campaign_version_id"] for one in record.listings]
    # And to its visitor it is the same page, sponsored listing and all.
    again = world.client.post("/api/v1/matches", json={"slate_id": found["slate_id"]}).json
    assert any(one["sponsored"] for one in again["results"])
    assert [one["listing_id"] for one in again["results"]] == [
        one["listing_id"] for one in found["results"]
    ]


def test_campaigns_change_no_organic_position(world: World) -> None:
    """Invariant 1, through the API: a sponsor moves in, every organic rank stays."""

    def ranks(found: Any) -> dict[str, int]:
        return {one["program"]["id"]: one["organic_position"] for one in found["results"]}

    before = ranks(world.search())
    after = ranks(sponsor(world, Caps(day=5), organic=False))
    assert {name: after[name] for name in before.keys() & after.keys()} == {
        name: before[name] for name in before.keys() & after.keys()
    }
    assert len(before.keys() & after.keys()) >= 19


def test_a_sponsored_listing_says_so_and_whether_its_sponsor_is_fictional(world: World) -> None:
    """Invariants 2 and 14."""
    found = sponsor(world, Caps(day=5), organic=False)
    [paid] = [one for one in found["results"] if one["sponsored"]]
    assert paid["position"] > 1
    assert paid["fictional_sponsor"] is True
    assert found["sponsored_total"] >= 1
    assert found["demonstration"] is True
    assert [note["code"] for note in found["demonstration_notes"]] == ["fictional_sponsors"]
    assert all(note["text"] for note in found["demonstration_notes"])


def test_a_search_asks_the_database_nothing_while_valkey_answers(world: World) -> None:
    world.search()
    statements: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    world.search()
    assert statements == []


def test_a_log_written_twice_is_written_once_and_a_dead_writers_share_is_taken_over(
    world: World, valkey: redis.Redis, unit_of_work: UnitOfWorkFactory
) -> None:
    world.search()
    dead = RedisSlateStream(valkey, "dead")
    read_by_dead = dead.read(10)
    assert len(read_by_dead) == 1

    class Again:
        """A stream that gives the same entries a second time, as after a crash."""

        def __init__(self, entries: Any) -> None:
            self.rounds = [list(entries), list(entries), []]
            self.finished: list[bytes] = []

        def read(self, count: int) -> Any:
            assert count > 0
            return self.rounds.pop(0)

        def done(self, ids: Any) -> None:
            self.finished.extend(ids)

    assert drain_slate_log(Again(read_by_dead), unit_of_work) == 2
    assert [world.count(table) for table in ("search", "slate", "slate_page")] == [1, 1, 1]
    alive = RedisSlateStream(valkey, "alive")
    assert drain_slate_log(alive, unit_of_work) == 0, "a writer at work is not robbed"
    valkey.xclaim(  # let the dead writer's entry grow old
        SLATE_STREAM, "slate-writers", "dead", 0, [read_by_dead[0].id], idle=60_000
    )
    assert drain_slate_log(alive, unit_of_work) == 1
    assert valkey.xlen(SLATE_STREAM) == 0


def test_an_entry_that_cannot_be_read_stops_nothing(
    world: World, valkey: redis.Redis, unit_of_work: UnitOfWorkFactory
) -> None:
    valkey.xadd(SLATE_STREAM, {"entry": "{"})
    world.search()
    assert drain_slate_log(RedisSlateStream(valkey, "test"), unit_of_work) == 2
    assert world.count("slate") == 1
    assert LogEntry(b"1-1", b"x").id == b"1-1"


def test_a_flushed_valkey_starts_a_new_log(
    world: World, valkey: redis.Redis, unit_of_work: UnitOfWorkFactory
) -> None:
    stream = RedisSlateStream(valkey, "test")
    assert drain_slate_log(stream, unit_of_work) == 0
    valkey.flushall()
    world.search()
    assert drain_slate_log(stream, unit_of_work) == 0
    assert drain_slate_log(stream, unit_of_work) == 1


def test_a_slate_that_was_served_and_lost_is_a_clear_message(
    world: World, valkey: redis.Redis
) -> None:
    found = world.search()
    valkey.flushall()
    answer = world.client.post("/api/v1/matches", json={"slate_id": found["slate_id"], "page": 2})
    assert answer.status_code == 422
    assert answer.json["errors"] == [
        {
            "path": "slate_id",
            "pointer": "#/slate_id",
            "code": "slate_unknown",
            "detail": "slate_id is not known or has ended; search again",
        }
    ]


def test_a_request_keeps_its_slate_for_good(world: World) -> None:
    results = world.search()["results"]
    world.takes_requests(unitid_of(results[0]))
    found = world.search()
    [one] = here(found)[:1]
    assert world.send(world.body(found, one)).status_code == 202
    [row] = world.rows("SELECT slate FROM request")
    assert row.slate["slate"]["answers"]["postal_code"] == SEARCH["postal_code"]
    [listing] = row.slate["listings"]
    assert listing["campaign_version_id"] is None
    assert listing["listing_id"] == one["listing_id"]
    assert listing["program"]["id"] == one["program"]["id"]
    assert listing["school"]["name"] == one["school"]["name"]
    assert "zoe" not in json.dumps(row.slate)


def test_events_are_kept_with_their_positions(world: World) -> None:
    found = world.search()
    listings = found["results"][:3]
    events = [{"kind": "impression", "listing_id": one["listing_id"]} for one in listings]
    events.append({"kind": "click", "listing_id": listings[1]["listing_id"]})
    sent = {"slate_id": found["slate_id"], "events": events}
    assert world.client.post("/api/v1/events", json=sent).json == {"kept": 4}
    rows = world.rows("SELECT kind, position FROM event ORDER BY kind, position")
    assert [tuple(row) for row in rows] == [
        ("click", 2),
        ("impression", 1),
        ("impression", 2),
        ("impression", 3),
    ]
    sent["events"] = [{"kind": "request_started", "listing_id": listings[0]["listing_id"]}]
    assert world.client.post("/api/v1/events", json=sent).status_code == 422
    sent["events"] = [{"kind": "click", "listing_id": "lst_1_zzzzzzzz"}]
    assert world.client.post("/api/v1/events", json=sent).status_code == 422
