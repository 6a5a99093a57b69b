"""Coming in and going out: what opens an account, what does not, and when it ends."""

import pytest

from models.domain.organization import Actor, ActorKind
from models.domain.staff import Role, StaffStatus
from service.steps.staff_inviting import NewStaff, add_staff, disable, invite_again
from service.steps.staff_locks import code_now
from tests.support.browser import PlainBrowser
from tests.support.staff import PASSWORD, Person, Rooms, room

_BY = Actor(ActorKind.COMMAND, "test")


def inside(browser: PlainBrowser) -> bool:
    browser.open("/staff/sessions")
    return browser.reply.status == 200 and browser.heading == "Your sessions"


def test_password_and_code_open_the_rooms(rooms: Rooms, admin_a: Person) -> None:
    browser = rooms.log_in(admin_a)
    assert browser.heading.startswith("Today at ")
    assert browser.reply.header("Cache-Control") == "no-store"
    assert [row.action for row in rooms.rows("audit")][-1] == "staff.login"
    assert browser.page.all(class_="languages") == [], "rooms speak English only"
    browser.open("/")
    assert "Español" in browser.page.one("nav", class_="languages").text


@pytest.mark.parametrize(
    "typed",
    [
        {"password": "wrong password"},
        {"code": "000000"},
        {"code": "١٢٣٤٥٦"},
        {"email": "nobody@a.example"},
    ],
)
def test_anything_wrong_gets_the_same_answer(
    rooms: Rooms, admin_a: Person, typed: dict[str, str]
) -> None:
    browser = rooms.log_in(admin_a, None, **typed)
    assert browser.reply.status == 422
    assert "Email address, password or code is not right" in browser.text
    assert not inside(browser)


def test_an_address_is_the_same_however_it_is_capitalised(rooms: Rooms, admin_a: Person) -> None:
    assert inside(rooms.log_in(admin_a, email="Admin@A.example"))


def test_a_code_opens_once(rooms: Rooms, admin_a: Person) -> None:
    code = rooms.code(admin_a)
    assert inside(rooms.log_in(admin_a, code=code))
    again = rooms.log_in(admin_a, code=code)
    assert again.reply.status == 422
    assert not inside(again)


def test_an_older_code_never_opens_after_a_newer_one(rooms: Rooms, admin_a: Person) -> None:
    older = rooms.code(admin_a)
    rooms.pass_time(seconds=30)
    assert inside(rooms.log_in(admin_a, code=code_now(admin_a.secret, rooms.clock.now())))
    assert rooms.log_in(admin_a, code=older).reply.status == 422


def test_a_login_begins_a_new_session_and_gives_the_visitor_none_of_it(
    rooms: Rooms, admin_a: Person
) -> None:
    browser = rooms.browser()
    browser.cookies["staff_session"] = "planted-by-somebody-else"
    rooms.log_in(admin_a, browser)
    token = browser.cookies["staff_session"]
    assert token != "planted-by-somebody-else"
    assert len(token) >= 43
    planted = rooms.browser()
    planted.cookies["staff_session"] = "planted-by-somebody-else"
    assert not inside(planted)
    visitor = rooms.browser()
    visitor.cookies["staff_session"] = browser.cookies["session"]
    assert not inside(visitor)


def test_the_cookie_is_kept_from_scripts_other_sites_and_students_pages(
    rooms: Rooms, admin_a: Person
) -> None:
    browser = rooms.browser()
    browser.open("/staff/login")
    token = browser.page.one("input", name="csrf_token")["value"]
    answer = rooms.client.post(
        "/staff/login",
        data={
            "csrf_token": token,
            "email": admin_a.email,
            "password": PASSWORD,
            "code": rooms.code(admin_a),
        },
        headers={"Cookie": f"session={browser.cookies['session']}"},
    )
    [cookie] = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("staff_session=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/staff" in cookie


def test_the_table_holds_no_token_and_no_password(rooms: Rooms, admin_a: Person) -> None:
    browser = rooms.log_in(admin_a)
    token = browser.cookies["staff_session"].encode()
    secret, password = admin_a.secret.encode(), PASSWORD.encode()
    for table in ("staff_session", "staff", "web_session", "audit", "staff_invitation"):
        for row in rooms.rows(table):
            kept = repr(tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)).encode()
            for hidden in (token, secret, password):
                assert hidden not in kept, table


def test_a_session_ends_half_an_hour_after_the_last_visit(rooms: Rooms, admin_a: Person) -> None:
    browser = rooms.log_in(admin_a)
    for _ in range(3):
        rooms.pass_time(minutes=28)
        assert inside(browser)
    rooms.pass_time(minutes=31)
    assert not inside(browser)


def test_a_session_ends_twelve_hours_after_login_however_busy(
    rooms: Rooms, admin_a: Person
) -> None:
    browser = rooms.log_in(admin_a)
    for _ in range(35):
        rooms.pass_time(minutes=20)
        assert inside(browser)
    rooms.pass_time(minutes=20)
    assert not inside(browser)


def test_a_stolen_cookie_is_useless_after_logout(rooms: Rooms, admin_a: Person) -> None:
    browser, thief = rooms.log_in(admin_a), rooms.browser()
    thief.cookies["staff_session"] = browser.cookies["staff_session"]
    assert inside(thief)
    browser.open("/staff/sessions")
    browser.press(f"Log out {admin_a.email}")
    assert browser.heading == "Log in"
    assert "staff_session" not in browser.cookies
    assert not inside(thief)


def test_sessions_are_listed_and_each_can_be_ended(rooms: Rooms, admin_a: Person) -> None:
    here, there = rooms.log_in(admin_a), rooms.log_in(admin_a)
    here.open("/staff/sessions")
    assert len(here.page.all("li", class_="panel")) == 2
    here.press("End all others")
    assert "All other sessions are over" in here.text
    assert inside(here)
    assert not inside(there)


def test_nobody_ends_the_session_of_somebody_else(
    rooms: Rooms, admin_a: Person, member_b: Person
) -> None:
    mine, theirs = rooms.log_in(admin_a), rooms.log_in(member_b)
    theirs.open("/staff/sessions")
    action = theirs.page.with_text("button", "End this session")
    [form] = [f for f in theirs.page.all("form") if action in f.all("button")]
    mine.open("/staff/sessions")
    token = mine.page.all("input", name="csrf_token")[0]["value"]
    answer = rooms.client.post(
        form["action"],
        data={"csrf_token": token},
        headers={"Cookie": f"staff_session={mine.cookies['staff_session']}"},
    )
    assert answer.status_code == 404
    assert inside(theirs)


def test_a_form_without_its_token_changes_nothing(rooms: Rooms, admin_a: Person) -> None:
    browser = rooms.log_in(admin_a)
    answer = rooms.client.post(
        "/staff/sessions/end-others",
        headers={"Cookie": f"staff_session={browser.cookies['staff_session']}"},
    )
    assert answer.status_code == 403
    assert "open for too long" in answer.text


def test_who_is_disabled_is_out_at_once(rooms: Rooms, admin_a: Person) -> None:
    browser = rooms.log_in(admin_a)
    with rooms.unit_of_work() as work:
        assert disable(work, admin_a.staff, _BY, rooms.clock.now()) == 1
    assert not inside(browser)
    assert rooms.log_in(admin_a).reply.status == 422


def test_guessers_are_stopped_and_the_real_user_is_not(rooms: Rooms, admin_a: Person) -> None:
    known = rooms.log_in(admin_a)
    guesser = rooms.browser()
    statuses = [rooms.log_in(admin_a, guesser, password="guess").reply.status for _ in range(7)]
    assert statuses == [422] * 5 + [429] * 2
    assert guesser.reply.header("Retry-After") == "900"
    # Even the right ones open nothing from there now.
    assert rooms.log_in(admin_a, guesser).reply.status == 429
    # The same address, but a browser that has logged in before.
    known.cookies.pop("staff_session")
    assert inside(rooms.log_in(admin_a, known))
    rooms.pass_time(minutes=16)
    assert inside(rooms.log_in(admin_a, guesser))


def test_a_known_browser_of_one_account_is_a_stranger_to_another(
    rooms: Rooms, admin_a: Person, member_b: Person
) -> None:
    browser = rooms.log_in(admin_a)
    statuses = [rooms.log_in(member_b, browser, password="guess").reply.status for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_after_login_one_goes_on_only_within_the_rooms(rooms: Rooms, admin_a: Person) -> None:
    wanted = room(rooms.schools["A"], "listings")
    browser = rooms.browser()
    browser.open(wanted)
    assert browser.heading == "Log in"
    browser.fill("Email address", admin_a.email)
    browser.fill("Password", PASSWORD)
    browser.fill("One-time code", rooms.code(admin_a))
    browser.press("Log in")
    assert browser.address == wanted
    for elsewhere in ("//evil.example/staff/", "https://evil.example/staff/", "/\\evil.example"):
        browser.open(f"/staff/login?next={elsewhere}")
        assert browser.page.one("input", name="next").get("value") == ""


def set_up(rooms: Rooms, browser: PlainBrowser, token: str, password: str) -> None:
    browser.open(f"/staff/invitation/{token}")
    secret = browser.page.one("code", id="totp-key").text.replace(" ", "")
    browser.fill("New password", password)
    browser.fill("One-time code", code_now(secret, rooms.clock.now()))
    browser.press("Set up and log in")


def invited(rooms: Rooms) -> str:
    with rooms.unit_of_work() as work:
        new = NewStaff("new@a.example", "New", rooms.schools["A"].organization_id, Role.MEMBER)
        return add_staff(work, new, _BY, rooms.clock.now())[1].token


def test_an_invitation_sets_password_and_codes_and_works_once(rooms: Rooms) -> None:
    token, browser = invited(rooms), rooms.browser()
    set_up(rooms, browser, token, "eight ch")
    assert browser.heading == "Recovery codes"
    assert inside(browser)
    again = rooms.browser()
    again.open(f"/staff/invitation/{token}")
    assert again.reply.status == 404
    assert again.heading == "This link cannot be used"
    with rooms.unit_of_work() as work:
        person = work.staff.with_email("new@a.example")
    assert person is not None
    assert person.status is StaffStatus.ACTIVE


def test_a_short_or_guessable_password_is_refused_and_the_key_stays(rooms: Rooms) -> None:
    token, browser = invited(rooms), rooms.browser()
    browser.open(f"/staff/invitation/{token}")
    before = browser.page.one("code", id="totp-key").text
    for password in ("seven c", "new@a.example", "password123"):
        set_up(rooms, browser, token, password)
        assert browser.reply.status == 422
        assert browser.page.one("code", id="totp-key").text == before
        assert browser.page.one("input", id="password").has("aria-invalid")


def test_an_invitation_holds_a_week_and_a_newer_one_ends_it(rooms: Rooms) -> None:
    first = invited(rooms)
    with rooms.unit_of_work() as work:
        person = work.staff.with_email("new@a.example")
        assert person is not None
        second = invite_again(work, person, _BY, rooms.clock.now()).token
    browser = rooms.browser()
    browser.open(f"/staff/invitation/{first}")
    assert browser.reply.status == 404
    rooms.pass_time(days=7, seconds=1)
    browser.open(f"/staff/invitation/{second}")
    assert browser.reply.status == 404


def test_a_new_invitation_ends_sessions_once_it_is_used(rooms: Rooms, admin_a: Person) -> None:
    old = rooms.log_in(admin_a)
    with rooms.unit_of_work() as work:
        token = invite_again(work, admin_a.staff, _BY, rooms.clock.now()).token
    assert inside(old)
    set_up(rooms, rooms.browser(), token, "another good one")
    assert not inside(old)
    assert rooms.log_in(admin_a).reply.status == 422


def test_a_login_ends_the_session_that_the_browser_was_in(
    rooms: Rooms, admin_a: Person, member_b: Person
) -> None:
    browser, thief = rooms.log_in(admin_a), rooms.browser()
    thief.cookies["staff_session"] = browser.cookies["staff_session"]
    assert inside(thief)
    assert inside(rooms.log_in(member_b, browser))
    assert not inside(thief)
    assert "staff.session_ended" in {row.action for row in rooms.rows("audit")}


def test_a_line_end_in_the_address_after_login_is_no_address(rooms: Rooms, admin_a: Person) -> None:
    browser = rooms.browser()
    browser.open("/staff/login?next=/staff/%0d%0aX:1")
    browser.fill("Email address", admin_a.email)
    browser.fill("Password", PASSWORD)
    browser.fill("One-time code", rooms.code(admin_a))
    browser.press("Log in")
    assert inside(browser)
