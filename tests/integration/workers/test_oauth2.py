"""Leads to a system that takes them with a token: its OAuth2 server is Authlib's, not ours."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from models.db.crypto import Keyring
from tests.support.draining import draining
from tests.support.leads import Leads, TestSchool, eventually
from tests.support.oauth_server import OAuthServer, oauth_server

# What the encodings of a form and of a proof must not change.
CLIENT, SECRET = "school match", "s:e+c/r%e=t&é"
HOUR = 3600


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


def school_of(leads: Leads, server: OAuthServer, **changes: str) -> TestSchool:
    settings: dict[str, Any] = {
        "url": f"{server.host}/leads",
        "token_url": f"{server.host}/token",
        "format": "json",
        "fields": [{"to": "last", "from": "student.last_name", "required": True}],
        "outcomes": [{"name": "kept", "path": "kept", "equals": "true", "is": "delivered"}],
        "auth": "oauth2",
        "client_id": CLIENT,
        "scope": "leads",
        **changes,
    }
    return leads.school_of_kind("form_post", settings, {"client_secret": SECRET})


def sent(leads: Leads, school: TestSchool) -> UUID:
    delivery_id = leads.delivery(school)
    assert eventually(lambda: leads.row(delivery_id).status == "delivered", 30)
    return delivery_id


@pytest.mark.parametrize(
    ("method", "client_auth"), [("client_secret_basic", "basic"), ("client_secret_post", "body")]
)
def test_a_token_is_fetched_kept_and_renewed_when_it_is_taken_back(
    leads: Leads, method: str, client_auth: str
) -> None:
    with oauth_server(
        method=method, client_id=CLIENT, client_secret=SECRET, seconds=HOUR
    ) as server:
        school = school_of(leads, server, client_auth=client_auth)
        with draining(leads.unit_of_work):
            sent(leads, school)
            assert server.seen() == ["/token 200", "/leads 200"]
            sent(leads, school)
            assert server.seen() == ["/leads 200"], "the token is kept"
            server.revoke()
            renewed = sent(leads, school)
            assert server.seen() == ["/leads 401", "/token 200", "/leads 200"]
    assert [each.outcome for each in leads.attempts(renewed)] == ["delivered"], "in the same try"


def test_a_token_is_not_used_in_its_last_minute(leads: Leads) -> None:
    with oauth_server(
        method="client_secret_basic", client_id=CLIENT, client_secret=SECRET, seconds=59
    ) as server:
        school = school_of(leads, server, client_auth="basic")
        with draining(leads.unit_of_work):
            sent(leads, school)
            sent(leads, school)
        assert server.seen() == ["/token 200", "/leads 200"] * 2


def test_who_proves_themselves_in_the_wrong_way_gets_no_token_and_says_so(leads: Leads) -> None:
    with oauth_server(
        method="client_secret_basic", client_id=CLIENT, client_secret=SECRET, seconds=HOUR
    ) as server:
        delivery_id = leads.delivery(school_of(leads, server, client_auth="body"))
        with draining(leads.unit_of_work):
            assert eventually(lambda: len(leads.attempts(delivery_id)) >= 2, 30)
        first = leads.attempts(delivery_id)[0]
        assert (first.step, first.outcome, first.reason) == ("token", "pending", "token_refused")
        assert set(server.seen()) == {"/token 401"}
