"""Every route as every key and token, against the tables in service/access.py."""

from datetime import timedelta
from typing import Any

import pytest
from werkzeug.routing import Rule

from models.domain.ids import Prefix, new_id, show
from models.domain.organization import NewApiKey, Scope, make_api_key
from service.access import ACCESS, KEY_SCOPES, ROOMS, Who
from tests.integration.rooms.test_access import things_of
from tests.support.leads import TestSchool
from tests.support.staff import Rooms


def key_of(
    rooms: Rooms, school: TestSchool, *scopes: Scope, days: int = 30, revoked: bool = False
) -> str:
    now = rooms.clock.now()
    made: NewApiKey = make_api_key("walk", scopes, expires_at=now + timedelta(days=days))
    with rooms.unit_of_work() as work:
        key_id = work.organizations.add_api_key(school.organization_id, made, now)
        if revoked:
            work.organizations.revoke_api_key(key_id, now)
    return made.presented


@pytest.fixture
def bearers(rooms: Rooms) -> dict[str, tuple[str, frozenset[Scope]]]:
    """Who comes with what, and what it opens at A."""
    a = rooms.schools["A"]
    every = tuple(Scope)
    found = {f"A's key for {scope}": (key_of(rooms, a, scope), {scope}) for scope in every}
    found["nothing"] = ("", set())
    found["A's expired key"] = (key_of(rooms, a, *every, days=-1), set())
    found["A's revoked key"] = (key_of(rooms, a, *every, revoked=True), set())
    live = key_of(rooms, a, *every)
    found["A's key with a letter changed"] = (live[:-1] + ("A" if live[-1] != "A" else "B"), set())
    other = new_id(rooms.clock.now())
    found["another request's token"] = (
        rooms.app.extensions["schoolmatch"].tokens.token(other),
        set(),
    )
    return {name: (bearer, frozenset(opens)) for name, (bearer, opens) in found.items()}


def ask(rooms: Rooms, rule: Rule, values: dict[str, str], bearer: str) -> Any:
    with rooms.app.test_request_context():
        needed = {name: values[name] for name in rule.arguments}
        address = rooms.app.url_map.bind("").build(rule.endpoint, needed)
    method = "GET" if "GET" in (rule.methods or ()) else "POST"
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    body = {"status": "contacted"} if method == "POST" else None
    return rooms.client.open(address, method=method, headers=headers, json=body)


def expected(endpoint: str, opens: frozenset[Scope], plain: int) -> int:
    """What the tables say."""
    who = ACCESS[endpoint]
    if endpoint.partition(".")[0] in ROOMS and who is not Who.ANYONE:
        return 303
    if who is Who.API_KEY:
        return 200 if KEY_SCOPES[endpoint] in opens else 403 if opens else 401
    return plain


def test_every_route_opens_to_the_keys_that_its_line_says(
    rooms: Rooms, bearers: dict[str, tuple[str, frozenset[Scope]]]
) -> None:
    values = things_of(rooms, rooms.schools["A"])
    walked = 0
    for rule in rooms.app.url_map.iter_rules():
        values["session_id"] = show(Prefix.SESSION, new_id(rooms.clock.now()))
        plain = ask(rooms, rule, values, "").status_code
        for name, (bearer, opens) in bearers.items():
            answer = ask(rooms, rule, values, bearer)
            said = f"{rule.endpoint} with {name}: {answer.status_code}"
            assert answer.status_code == expected(rule.endpoint, opens, plain), said
            walked += 1
    assert walked == len(ACCESS) * len(bearers)


def test_bs_key_gets_of_a_what_nobodys_lead_gets(rooms: Rooms) -> None:
    a, b = rooms.schools["A"], rooms.schools["B"]
    values = things_of(rooms, a)
    key = key_of(rooms, b, *Scope)
    headers = {"Authorization": f"Bearer {key}"}
    before = rooms.rows("disposition")
    answers = {}
    for lead in (values["lead_id"], show(Prefix.LEAD, new_id(rooms.clock.now()))):
        path = f"/api/v1/leads/{lead}/dispositions"
        answer = rooms.client.post(path, json={"status": "contacted"}, headers=headers)
        answers[lead] = (answer.status_code, answer.text.replace(lead, ""))
    [theirs, nobodys] = answers.values()
    assert theirs == nobodys
    assert theirs[0] == 404
    assert len(rooms.rows("disposition")) == len(before)
    feed = rooms.client.get("/api/v1/feed/leads", headers=headers)
    assert feed.status_code == 200
    assert values["lead_id"] not in feed.text


def test_a_key_is_replaced_with_an_overlap(rooms: Rooms) -> None:
    from models.domain.staff import Role
    from tests.support.staff import room

    school = rooms.schools["A"]
    admin = rooms.log_in(rooms.person("admin@a.example", school.organization_id, Role.ADMIN))
    old = key_of(rooms, school, Scope.READ_LEADS, days=90)
    admin.open(room(school, "keys"))
    admin.press("Replace walk")
    new = admin.page.one("code", id="new-key").text

    def opens(key: str) -> bool:
        headers = {"Authorization": f"Bearer {key}"}
        return rooms.client.get("/api/v1/feed/leads", headers=headers).status_code == 200

    assert new != old
    assert opens(old)
    assert opens(new)
    rooms.pass_time(days=7, seconds=1)
    assert not opens(old)
    assert opens(new)
    rooms.pass_time(days=83)
    assert not opens(new), "for as long as the old one was made for"
    admin.reload()
    assert {row.action for row in rooms.rows("audit")} >= {"api_key.replace"}
