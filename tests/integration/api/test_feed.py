"""GET /api/v1/feed/leads: an organization fetches its leads, on a whole service."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from sqlalchemy import Engine

from models.db.crypto import Keyring
from models.domain.ids import Prefix, show
from models.domain.organization import Scope, make_api_key
from tests.support.draining import draining
from tests.support.leads import Leads, TestSchool, eventually
from tests.support.world import World
from workers.destinations.feed.mock import MockReader

Ask = Callable[..., Any]


@pytest.fixture
def school(engine: Engine, keyring: Keyring) -> TestSchool:
    return Leads(engine, keyring).school_of_kind("feed")


@pytest.fixture
def ask(world: World, school: TestSchool) -> Ask:
    """Ask with a key of the school's organization."""
    key = _key(world, school, Scope.READ_LEADS)

    def asked(key: str | None = key, **query: str) -> Any:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return world.client.get("/api/v1/feed/leads", query_string=query, headers=headers)

    return asked


def _key(world: World, school: TestSchool, *scopes: Scope) -> str:
    key = make_api_key("test", scopes)
    with world.work() as work:
        work.organizations.add_api_key(school.organization_id, key, world.clock.now())
    return key.presented


def test_a_reader_pages_through_its_feed_and_goes_on_where_it_stood(
    ask: Ask, school: TestSchool, engine: Engine, keyring: Keyring
) -> None:
    leads = Leads(engine, keyring)

    def fetch(cursor: str | None) -> Mapping[str, Any]:
        answered = ask(limit="2", **({} if cursor is None else {"cursor": cursor}))
        assert answered.status_code == 200
        assert answered.headers["Cache-Control"] == "no-store"
        page: Mapping[str, Any] = answered.json
        return page

    reader = MockReader(fetch)
    assert reader.read() == 0
    made = [leads.delivery(school) for _ in range(5)]
    with draining(leads.unit_of_work):
        assert eventually(lambda: leads.statuses() == ["delivered"] * 5)
    assert reader.read() == 5
    assert reader.read() == 0
    made.append(leads.delivery(school))
    with draining(leads.unit_of_work):
        assert eventually(lambda: leads.statuses() == ["delivered"] * 6)
    assert reader.read() == 1
    assert sorted(item["id"] for item in reader.items) == [
        show(Prefix.DELIVERY, each) for each in sorted(made)
    ]
    assert {item["type"] for item in reader.items} == {"lead.created"}


def test_without_a_key_there_is_no_feed(ask: Ask) -> None:
    for key in (None, "smk_nonsense", ""):
        refused = ask(key=key)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"] == "Bearer"
        assert refused.mimetype == "application/problem+json"


def test_a_key_for_something_else_reads_no_leads(
    ask: Ask, world: World, school: TestSchool
) -> None:
    assert ask(key=_key(world, school, Scope.WRITE_DISPOSITIONS)).status_code == 403


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "f1" + "A" * 5000}, "cursor"),
        ({"limit": ""}, "limit"),
        ({"limit": "0"}, "limit"),
        ({"limit": "501"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_query_that_cannot_be_used_is_answered_with_what_to_do(
    ask: Ask, query: dict[str, str], path: str
) -> None:
    refused = ask(**query)
    assert refused.status_code == 422
    assert [error["path"] for error in refused.json["errors"]] == [path]


def test_the_feed_is_documented(world: World) -> None:
    document = world.client.get("/api/v1/openapi.json").json
    documented = document["paths"]["/api/v1/feed/leads"]["get"]
    assert {each["name"] for each in documented["parameters"]} == {"cursor", "limit"}
    assert documented["security"] == [{"api_key": ["leads:read"]}]
