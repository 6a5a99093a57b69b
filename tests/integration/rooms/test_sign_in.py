"""Coming in by an organization's own sign-in, against a real provider; and what is refused."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc.jwk import OctKey, RSAKey

from config.settings import Settings
from models.domain.ids import Prefix, show
from models.domain.organization import Actor, ActorKind
from models.domain.staff import Role
from service.steps.staff_inviting import (
    disable,
    invite_again,
    join_organization,
    require_staff,
)
from service.steps.staff_members import invite_member
from tests.support.browser import PlainBrowser, over_http
from tests.support.sign_in import ACCESS, CLIENT, SECRET, Claims, Provider, sign_in
from tests.support.staff import Person, Rooms, press, room

ZOE = "zoe@a.example"
WHO: Claims = {"sub": "user-7", "email": ZOE, "email_verified": True, "amr": ["pwd", "otp"]}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, allow_loopback=True, destination_ports=None)


@pytest.fixture
def provider(rooms: Rooms) -> Iterator[Provider]:
    with sign_in() as made:
        made.now = lambda: rooms.clock.now().timestamp()
        made.who = dict(WHO)
        yield made


@pytest.fixture
def admin(rooms: Rooms, admin_a: Person, provider: Provider) -> PlainBrowser:
    """An admin of A who set the sign-in up and invited Zoe."""
    browser = rooms.log_in(admin_a)
    keep(rooms, browser, provider)
    assert "It answers, and is kept" in browser.text
    browser.open(room(rooms.schools["A"], "members"))
    browser.fill("Email address", ZOE)
    browser.press("Invite")
    return browser


def keep(rooms: Rooms, browser: PlainBrowser, provider: Provider, secret: str = SECRET) -> None:
    browser.open(room(rooms.schools["A"], "sign-in"))
    browser.fill("Address of your sign-in", provider.url)
    browser.fill("What it calls", CLIENT)
    browser.fill("Secret for this", secret)
    browser.press("Keep")


def away(rooms: Rooms, browser: PlainBrowser) -> str:
    """Go to the sign-in, and return the address that it sends the browser back to."""
    shown = show(Prefix.ORGANIZATION, rooms.schools["A"].organization_id)
    reply = browser.fetch("GET", f"/staff/login/with/{shown}", None, cookies(browser))
    browser.reply = reply
    browser._keep_cookies()
    there = urlsplit(reply.header("Location"))
    root = f"{there.scheme}://{there.netloc}"
    answer = over_http(root)("GET", there._replace(scheme="", netloc="").geturl(), None, "")
    return urlsplit(answer.header("Location"))._replace(scheme="", netloc="").geturl()


def cookies(browser: PlainBrowser) -> str:
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def come_in(rooms: Rooms, browser: PlainBrowser | None = None) -> PlainBrowser:
    browser = browser or rooms.browser()
    browser.open(away(rooms, browser))
    return browser


def inside(browser: PlainBrowser) -> bool:
    browser.open("/staff/sessions")
    return browser.heading == "Your sessions"


def test_who_is_invited_comes_in_without_a_password_of_ours(
    rooms: Rooms, admin: PlainBrowser, provider: Provider
) -> None:
    browser = come_in(rooms)
    seen = f"{browser.cookies} {browser.address} {browser.reply.headers} {browser.reply.body}"
    assert len(provider.given) == 1
    assert not any(token in seen for token in (*provider.given, ACCESS)), "tokens stay with us"
    assert inside(browser)
    browser.open(room(rooms.schools["A"], "leads"))
    assert browser.reply.status == 200
    browser.open("/staff/account")
    assert "Your organization signs you in" in browser.text
    assert {row.action for row in rooms.rows("audit")} >= {"sign_in.set", "staff.sign_in"}
    assert SECRET.encode() not in b"".join(
        bytes(row.client_secret) for row in rooms.rows("identity_provider")
    )
    admin.open(room(rooms.schools["A"], "sign-in"))
    assert SECRET not in admin.reply.body
    press(admin, "Remove the sign-in")
    assert not inside(browser), "the sessions that it began end with it"


Spoil = Callable[[Claims], Claims]
SPOILED: dict[str, Spoil] = {
    "another nonce": lambda claims: {**claims, "nonce": "of another try"},
    "no nonce": lambda claims: {k: v for k, v in claims.items() if k != "nonce"},
    "another audience": lambda claims: {**claims, "aud": "somebody else"},
    "made for another of two": lambda claims: {**claims, "aud": [CLIENT, "b"], "azp": "b"},
    "two audiences and nobody named": lambda claims: {**claims, "aud": [CLIENT, "b"]},
    "expired": lambda claims: {**claims, "iat": claims["iat"] - 900, "exp": claims["iat"] - 600},
    "no end": lambda claims: {k: v for k, v in claims.items() if k != "exp"},
    "another issuer": lambda claims: {**claims, "iss": "https://evil.example"},
    "an address that is not verified": lambda claims: {**claims, "email_verified": False},
    "verified, in words": lambda claims: {**claims, "email_verified": "true"},
    "an address that nobody invited": lambda claims: {**claims, "email": "max@a.example"},
    "an address of another organization": lambda claims: {**claims, "email": "member@b.example"},
    "one factor": lambda claims: {**claims, "amr": ["pwd"]},
    "no word of factors": lambda claims: {k: v for k, v in claims.items() if k != "amr"},
    "a subject that no database keeps": lambda claims: {**claims, "sub": "a\0b"},
    "an address that no database keeps": lambda claims: {**claims, "email": "a\0@a.example"},
    "no subject": lambda claims: {k: v for k, v in claims.items() if k != "sub"},
}


@pytest.mark.usefixtures("admin", "member_b")
def test_whatever_is_wrong_in_the_token_opens_nothing(rooms: Rooms, provider: Provider) -> None:
    for name, spoil in SPOILED.items():
        provider.spoil = spoil
        browser = come_in(rooms)
        assert browser.reply.status == 403, name
        assert not inside(browser), name
    provider.spoil = lambda claims: claims
    stranger = RSAKey.generate_key(2048, {"kid": "one"})
    ours = OctKey.import_key(SECRET.encode() * 4)
    for name, algorithm, key in (
        ("not signed", "none", None),
        ("signed with our secret", "HS256", ours),
        ("signed with another key", "RS256", stranger),
    ):
        provider.header, provider.signs_with = {"alg": algorithm, "kid": "one"}, key
        browser = come_in(rooms)
        assert browser.reply.status == 403, name
        assert not inside(browser), name
    provider.header, provider.signs_with = {"alg": "RS256", "kid": "one"}, None
    assert inside(come_in(rooms)), "and the same token unspoiled does"


@pytest.mark.usefixtures("admin")
def test_state_and_code_work_once_and_in_the_browser_that_began(rooms: Rooms) -> None:
    browser, victim = rooms.browser(), rooms.browser()
    address = away(rooms, browser)
    victim.open(address)
    assert victim.reply.status == 403, "who did not begin a try ends none"
    away(rooms, victim)
    victim.open(address)
    assert victim.reply.status == 403, "nor does who began another"
    browser.open(address)
    assert inside(browser)
    browser.open(address)
    assert browser.reply.status == 403, "the state is used up"
    again = rooms.browser()
    code = dict(parse_qsl(urlsplit(address).query))["code"]
    parts = urlsplit(away(rooms, again))
    replayed = urlencode({**dict(parse_qsl(parts.query)), "code": code})
    again.open(parts._replace(query=replayed).geturl())
    assert again.reply.status == 403, "the code is used up"
    third = rooms.browser()
    parts = urlsplit(away(rooms, third))
    mixed = urlencode({**dict(parse_qsl(parts.query)), "iss": "https://evil.example"})
    third.open(parts._replace(query=mixed).geturl())
    assert third.reply.status == 403, "another issuer answered"
    fourth = rooms.browser()
    parts = urlsplit(away(rooms, fourth))
    odd = urlencode({**dict(parse_qsl(parts.query)), "state": "é\ud7ff"})
    fourth.open(parts._replace(query=odd).geturl())
    assert fourth.reply.status == 403, "a state in other letters is none of ours"


@pytest.mark.usefixtures("admin")
def test_a_session_of_a_sign_in_opens_its_organizations_rooms_and_no_others(
    rooms: Rooms, provider: Provider, operator: Person
) -> None:
    with rooms.unit_of_work() as work:
        for name in ("A", "B"):
            owner = rooms.schools[name].organization_id
            by = Actor(ActorKind.COMMAND, "test")
            join_organization(work, operator.staff, (owner, Role.ADMIN), by, rooms.clock.now())
    provider.who = {**WHO, "sub": "chosen by A", "email": operator.email}
    browser = come_in(rooms)
    for path, status in (
        (room(rooms.schools["A"], "leads"), 200),
        (room(rooms.schools["B"], "leads"), 404),
        ("/staff/operator/rankers", 404),
    ):
        browser.open(path)
        assert browser.reply.status == status, path
    entered = {
        row.organization_id: row.entered_at is not None
        for row in rooms.rows("membership")
        if row.staff_id == operator.staff.id
    }
    owners = [rooms.schools[name].organization_id for name in ("A", "B")]
    assert [entered[owner] for owner in owners] == [True, False], "it speaks for no other"


@pytest.mark.usefixtures("admin")
def test_nobody_inherits_an_address(rooms: Rooms, provider: Provider) -> None:
    assert inside(come_in(rooms))
    provider.who = {**WHO, "sub": "user-8"}
    assert come_in(rooms).reply.status == 403
    provider.who = dict(WHO)
    assert inside(come_in(rooms))


def test_what_does_not_answer_as_a_sign_in_is_not_kept(
    rooms: Rooms, admin_a: Person, provider: Provider
) -> None:
    browser = rooms.log_in(admin_a)
    provider.says_issuer = "https://another.example"
    keep(rooms, browser, provider)
    assert browser.reply.status == 422
    assert "does not answer as a sign-in" in browser.text
    provider.says_issuer = None
    keep(rooms, browser, provider, secret="")
    assert "Enter the secret" in browser.text
    assert rooms.rows("identity_provider") == []


@pytest.mark.usefixtures("admin")
def test_a_session_of_a_sign_in_reaches_no_lock_and_no_session_that_is_not_its_own(
    rooms: Rooms, provider: Provider, operator: Person
) -> None:
    """A can say of anybody that it is they; of their account elsewhere it learns nothing."""
    with rooms.unit_of_work() as work:
        owner = rooms.schools["A"].organization_id
        by = Actor(ActorKind.COMMAND, "test")
        join_organization(work, operator.staff, (owner, Role.MEMBER), by, rooms.clock.now())
    own = rooms.log_in(operator)
    provider.who = {**WHO, "sub": "chosen by A", "email": operator.email}
    browser = come_in(rooms)
    assert "staff_device" not in browser.cookies, "nobody knows their password by it"
    assert inside(browser)
    assert len(browser.page.all("li", class_="panel")) == 1
    press(browser, "End all others")
    assert inside(own)
    assert len(own.page.all("li", class_="panel")) == 2
    theirs = [row for row in rooms.rows("staff_session") if row.staff_id == operator.staff.id]
    [mine] = [row.id for row in theirs if row.organization_id is None]
    shown = show(Prefix.SESSION, mine)
    browser.open("/staff/sessions")
    form = next(f for f in browser.page.all("form") if f["action"].endswith("/end"))
    csrf = form.one("input", name="csrf_token")["value"]
    ended = browser.fetch(
        "POST", f"/staff/sessions/{shown}/end", [("csrf_token", csrf)], cookies(browser)
    )
    assert ended.status == 404
    assert inside(own)
    for path in ("password", "app", "codes"):
        browser.open(f"/staff/account/{path}")
        assert browser.reply.status == 404, path
    browser.open("/staff/account")
    assert "Your organization signs you in" in browser.text
    own.open("/staff/account/password")
    assert own.reply.status == 200


@pytest.mark.usefixtures("admin")
def test_who_was_shut_out_and_comes_back_by_a_sign_in_has_no_old_password(
    rooms: Rooms, provider: Provider
) -> None:
    somebody = rooms.person("old@a.example", rooms.schools["A"].organization_id)
    by = Actor(ActorKind.COMMAND, "test")
    with rooms.unit_of_work() as work:
        disable(work, somebody.staff, by, rooms.clock.now())
    with rooms.unit_of_work() as work:
        invite_again(work, require_staff(work, somebody.email), by, rooms.clock.now())
    assert not inside(rooms.log_in(somebody))
    provider.who = {**WHO, "sub": "user-8", "email": somebody.email}
    assert inside(come_in(rooms))
    assert not inside(rooms.log_in(somebody)), "what was shut out stays out"


@pytest.mark.usefixtures("admin")
def test_whom_a_sign_in_let_in_can_set_a_password_for_another_organization(
    rooms: Rooms, member_b: Person
) -> None:
    assert inside(come_in(rooms))
    rooms.mails()
    organization = rooms.schools["B"].organization_id
    with rooms.unit_of_work() as work:
        by = work.staff.get(member_b.staff.id)
    assert by is not None
    invite_member(rooms.app.extensions["schoolmatch"], by, organization, ZOE, "member")
    assert rooms.link_mailed(ZOE).startswith("/staff/invitation/")


def test_another_sign_in_ends_what_the_former_opened(rooms: Rooms, admin: PlainBrowser) -> None:
    browser = come_in(rooms)
    assert inside(browser)
    with sign_in() as other:
        keep(rooms, admin, other)
        assert "It answers, and is kept" in admin.text
    assert not inside(browser)
    assert inside(admin)
