"""Every route as browsers and attackers meet it: headers, caches, forged forms, hosts, limits."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug.routing import Rule

from config.settings import Settings
from matcher.match import Engine as Matcher
from models.domain.errors import InvalidInputError, RateLimitError, UnavailableError
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from service.access import ACCESS, ROOMS, Who
from service.app import Parts, create_app
from service.defences import NOT_COUNTED_HERE
from service.steps.import_dispositions import foresee_dispositions
from tests.integration.rooms.conftest import Serves
from tests.integration.rooms.test_access import Enter, enter, kept, things_of
from tests.support.browser import PlainBrowser
from tests.support.staff import PASSWORD, Person, Rooms, room

__all__ = ["enter"]
OURS, FOREIGN = "match.example.org", "evil.example"
WIDGET = {"widget.frame", "widget.loader", "widget.file"}
# What a mail program may press: the token in the address is the proof (RFC 8058).
PRESSED_FROM_MAIL = {"web.unsubscribe", "web.subscribe_again"}


def address_of(rooms: Rooms, rule: Rule, values: dict[str, str]) -> str:
    with rooms.app.test_request_context():
        needed = {name: values[name] for name in rule.arguments}
        return str(rooms.app.url_map.bind("").build(rule.endpoint, needed))


def methods_of(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def every_route(rooms: Rooms) -> Iterator[tuple[str, str, str]]:
    """Each endpoint with a method and an address; what ends the session comes last."""
    values = things_of(rooms, rooms.schools["A"])
    values |= {"session_id": "ses_x"}
    for rule in sorted(rooms.app.url_map.iter_rules(), key=lambda r: r.endpoint == "staff.log_out"):
        values |= {name: values.get(name, "none") for name in rule.arguments}
        for method in methods_of(rule):
            yield rule.endpoint, method, address_of(rooms, rule, values)


def cookies_of(browser: PlainBrowser) -> dict[str, str]:
    together = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return {"Cookie": together} if together else {}


def policy_of(answer: Any) -> dict[str, str]:
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def check_headers(said: str, answer: Any, *, widget: bool, secure: bool) -> None:
    headers = answer.headers
    csp = headers["Content-Security-Policy"]
    assert csp.startswith("default-src 'none'"), said
    assert "unsafe" not in csp, said
    assert "*" not in csp.replace("frame-ancestors *", ""), said
    policy = policy_of(answer)
    assert policy["base-uri"] == "'none'", said
    assert "frame-ancestors" in policy, said
    if not widget:
        assert policy["frame-ancestors"] == "'none'", said
        assert policy["form-action"] == "'self'", said
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin", said
    assert headers["X-Content-Type-Options"] == "nosniff", said
    assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, said
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", said
    assert "geolocation=()" in headers["Permissions-Policy"], said
    assert "Access-Control-Allow-Origin" not in headers, said
    assert ("Strict-Transport-Security" in headers) == secure, said
    for name in {name.lower() for name, _ in headers} - {"set-cookie", "vary"}:
        assert len(headers.getlist(name)) == 1, f"{said}: {name} twice"
    if answer.data:
        assert headers["Content-Type"], said
        if headers["Content-Type"].startswith("text/"):
            assert "charset=utf-8" in headers["Content-Type"], said


def check_caches(said: str, endpoint: str, answer: Any) -> None:
    """What is a person's, or holds a form's token, is in no cache."""
    never = answer.headers.get("Cache-Control") == "no-store"
    personal = "Set-Cookie" in answer.headers or b'name="csrf_token"' in answer.data
    personal |= endpoint.partition(".")[0] in ROOMS
    personal |= ACCESS.get(endpoint) in {Who.API_KEY, Who.REQUEST_TOKEN, Who.SIGNATURE}
    # These hold a person's token or request in their address.
    personal |= endpoint.startswith("web.") and "<request_id>" in said
    personal |= answer.status_code >= 400 and endpoint != "widget.frame"
    assert never or not personal, f"{said}: may be kept by a cache"


def check_ways_out(said: str, endpoint: str, answer: Any) -> None:
    """Every page of the rooms has the way out of them; every table names its file."""
    room = ACCESS.get(endpoint) is not Who.ANYONE and endpoint.partition(".")[0] in ROOMS
    if room and answer.status_code == 200 and answer.mimetype == "text/html":
        assert b'action="/staff/logout"' in answer.data, said
    if answer.mimetype in {"text/csv", "application/zip"}:
        assert re.fullmatch(
            r'attachment; filename="?[a-zA-Z0-9_.-]+"?', answer.headers["Content-Disposition"]
        ), said


@pytest.mark.parametrize(
    "role", ["nobody", pytest.param("admin A", marks=pytest.mark.slow), "operator"]
)
def test_every_answer_carries_every_header(rooms: Rooms, enter: Enter, role: str) -> None:
    browser = enter(role)
    walked = 0
    for endpoint, method, address in every_route(rooms):
        answer = rooms.client.open(address, method=method, headers=cookies_of(browser))
        said = f"{role}: {method} {endpoint} {answer.status_code}"
        check_headers(said, answer, widget=endpoint in WIDGET, secure=False)
        check_caches(said, endpoint, answer)
        check_ways_out(said, endpoint, answer)
        assert answer.status_code < 500, said
        walked += 1
    assert walked >= len(ACCESS)


def errors(client: Any) -> Iterator[tuple[int, Any]]:
    """One answer of each kind of error, pages and problem documents."""
    yield 404, client.get("/nothing/here")
    yield 404, client.get("/assets/nothing.css")
    yield 404, client.get("/api/v1/nothing")
    yield 405, client.delete("/")
    yield 405, client.open("/livez", method="TRACE")
    yield 405, client.put("/api/v1/matches")
    yield 400, client.post("/api/v1/matches", data="{", content_type="application/json")
    yield 415, client.post("/api/v1/matches", data="x", content_type="text/plain")
    yield 413, client.post("/staff/login", data={"email": "x" * 600_000})
    yield 413, client.post("/request", data={"first_name": "x" * 600_000})
    yield 303, client.get("/staff/")


@pytest.fixture
def production(
    rooms: Rooms, settings: Settings, small: Matcher, unit_of_work: UnitOfWorkFactory
) -> Any:
    """A client of the same service, as production has it."""
    changes = {"environment": "production", "public_url": f"https://{OURS}"}
    chosen = replace(settings, **changes, allowed_hosts=("10.0.0.5",))  # type: ignore[arg-type]
    app = create_app(chosen, Parts(rooms.clock, unit_of_work, Serves(small), nudge=lambda: None))
    return app.test_client(use_cookies=False)


def test_error_pages_files_and_redirects_carry_them_too(rooms: Rooms, production: Any) -> None:
    for status, answer in errors(rooms.client):
        said = f"{answer.request.method} {answer.request.path}"
        assert answer.status_code == status, said
        check_headers(said, answer, widget=False, secure=False)
    at = {"base_url": f"https://{OURS}"}
    style = re.search(r"/assets/[0-9a-f]+[.]css", production.get("/", **at).text)
    assert style
    for path in ("/", style[0], "/nothing", "/api/v1/openapi.json", "/livez", "/robots.txt"):
        check_headers(path, production.get(path, **at), widget=False, secure=True)
    assert "31536000" in production.get("/", **at).headers["Strict-Transport-Security"]


def test_a_host_that_is_not_ours_is_told_so(production: Any) -> None:
    for path in ("/", "/staff/login", "/nothing", "/api/v1/openapi.json", "/livez"):
        for foreign in (FOREIGN, f"{OURS}.{FOREIGN}", f"{FOREIGN}:443", "[::1]", "a/b<c"):
            answer = production.get(path, headers={"Host": foreign})
            assert answer.status_code == 400, (path, foreign)
            assert "Use the address that was given to you" in answer.text, (path, foreign)
            assert foreign not in answer.text
            check_headers(path, answer, widget=False, secure=True)
        for known in (OURS, f"{OURS}:443", "10.0.0.5:8000", "127.0.0.1:8000"):
            assert production.get(path, headers={"Host": known}).status_code != 400, (path, known)


def test_no_header_of_a_stranger_stands_in_an_answer(rooms: Rooms) -> None:
    """No cache can be fed with links to elsewhere, whatever host a request names."""
    forged = {
        "X-Forwarded-Host": FOREIGN,
        "X-Forwarded-Proto": "gopher",
        "Forwarded": f"host={FOREIGN}",
    }
    forged |= {"X-Original-URL": f"//{FOREIGN}/", "X-Rewrite-URL": f"//{FOREIGN}/", "Host": FOREIGN}
    for endpoint, method, address in every_route(rooms):
        answer = rooms.client.open(address, method=method, headers=forged)
        text = str(answer.headers) + answer.text
        assert FOREIGN not in text, (method, endpoint)
        assert "gopher" not in text, (method, endpoint)


@pytest.mark.parametrize(
    "role", ["nobody", pytest.param("admin A", marks=pytest.mark.slow), "operator"]
)
def test_a_form_without_its_token_changes_nothing(rooms: Rooms, enter: Enter, role: str) -> None:
    browser = enter(role)
    form = {
        "status": "contacted",
        "reason": "why",
        "name": "n",
        "days": "30",
        "decision": "approve",
    }
    form |= {
        "scopes": "leads:read",
        "school": "sch_100001",
        "stage": "shadow",
        "csrf_token": "forged",
    }
    walked = 0
    for endpoint, method, address in every_route(rooms):
        room = endpoint.partition(".")[0]
        if method != "POST" or room not in {*ROOMS, "web"} or endpoint in PRESSED_FROM_MAIL:
            continue
        before = kept(rooms)
        for sent in (form, {**form, "csrf_token": ""}):
            answer = rooms.client.post(address, data=sent, headers=cookies_of(browser))
            said = f"{role}: {endpoint} {answer.status_code}"
            # A page of a student comes again with what was typed; a room refuses, or is not theirs.
            assert answer.status_code not in {200, 201, 202, 204}, said
            if answer.status_code == 303:
                assert room == "web" or "/staff/login" in answer.headers["Location"], said
        assert kept(rooms) == before, f"{role}: {endpoint} changed something"
        walked += 1
    assert walked > 30


def test_cookies_are_for_this_host_this_site_and_no_script(
    rooms: Rooms, production: Any, admin_a: Person
) -> None:
    login = production.get("/staff/login", base_url=f"https://{OURS}")
    given = login.headers.getlist("Set-Cookie")
    typed = {"email": admin_a.email, "password": PASSWORD, "csrf_token": token_of(login)}
    inside = production.post(
        "/staff/login",
        data={**typed, "code": rooms.code(admin_a)},
        base_url=f"https://{OURS}",
        headers={"Cookie": given[0].partition(";")[0], "Referer": f"https://{OURS}/staff/login"},
    )
    assert inside.status_code == 303, inside.text
    given += inside.headers.getlist("Set-Cookie")
    assert len(given) >= 3
    for cookie in given:
        name, *flags = cookie.split("; ")
        assert name.startswith("__Host-"), cookie
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags), cookie
        assert not any(flag.startswith("Domain") for flag in flags), cookie
        assert len(cookie) < 400


def token_of(page: Any) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found
    return found[1]


class Full:
    """A slate keeper whose visitors have asked too much."""

    def __init__(self) -> None:
        self.asked = 0

    def admit(self, address: str) -> None:  # noqa: ARG002 - the port
        self.asked += 1
        raise RateLimitError(30)

    def keeping(self, *_: Any, **__: Any) -> Any:
        self.admit("")

    def find(self, *_: Any) -> Any:
        raise UnavailableError("slates", 1)

    def answers(self) -> bool:
        return True


def test_every_call_that_writes_is_counted(
    rooms: Rooms, settings: Settings, small: Matcher, unit_of_work: UnitOfWorkFactory
) -> None:
    full = Full()
    chosen = replace(settings, api_rate_per_minute=1)
    parts = Parts(rooms.clock, unit_of_work, Serves(small), full, lambda: None)
    client = create_app(chosen, parts).test_client()
    form = {"csrf_token": token_of(client.get("/staff/login"))}
    refused = set()
    for endpoint, method, address in every_route(rooms):
        if ACCESS[endpoint] in {Who.API_KEY, Who.SIGNATURE}:
            client.open(address, method=method, json={})
            answer = client.open(address, method=method, json={})
            assert answer.status_code == 429, endpoint
            assert int(answer.headers["Retry-After"]) > 0
        elif method == "POST" and endpoint not in NOT_COUNTED_HERE:
            answer = client.post(address, data=form)
            assert answer.status_code == 429, endpoint
            assert answer.headers["Retry-After"] == "30", endpoint
        else:
            continue
        refused.add(endpoint)
    assert len(refused) > 30
    # The first two are counted where they store: test_matches.py and test_bad_luck.py look.
    stored = {"matches.matches", "web.send"}
    assert stored | PRESSED_FROM_MAIL == NOT_COUNTED_HERE


def test_the_files_of_this_service_say_what_they_are(rooms: Rooms) -> None:
    """Nothing is served by a name that came with the request: no folder can be walked."""
    for path in (
        "/assets/../app.py",
        "/assets/%2e%2e%2fapp.py",
        "/widget/../frame.py",
        "/.git/config",
    ):
        assert rooms.client.get(path).status_code == 404, path
    assert Path("service/app.py").exists()


def test_what_no_database_keeps_is_refused_before_anything_is_done(
    rooms: Rooms, admin_a: Person
) -> None:
    browser, stranger = rooms.log_in(admin_a), rooms.browser()
    for address in ("leads?state=a%00", "history?subject=%00"):
        browser.open(room(rooms.schools["A"], address))
        assert browser.reply.status == 400
    for address, button in (("login", "Log in"), ("login/forgotten", "Mail me a link")):
        stranger.open(f"/staff/{address}")
        stranger.fill("Email address", "a\0@a.example")
        stranger.press(button)
        assert stranger.reply.status == 400
    browser.open(room(rooms.schools["A"], "keys"))
    browser.fill("Name", "a\0b")
    browser.press("Make the key")
    assert browser.reply.status == 400
    with pytest.raises(InvalidInputError, match="no CSV"):
        foresee_dispositions(
            rooms.app.extensions["schoolmatch"],
            rooms.schools["A"].organization_id,
            b"lead_id,status,reason\nlead_x,contacted,a\0b\n",
        )
    assert rooms.rows("staff_way_back") == rooms.rows("api_key") == []
