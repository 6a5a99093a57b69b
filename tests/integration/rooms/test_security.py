"""Somebody's own locks: recovery codes, password, app; the ways back; what ends with a change."""

from html import unescape

import pytest

from models.domain.login_limits import link_limits
from models.domain.organization import Actor, ActorKind
from models.domain.staff import make_invitation, make_way_back
from service.steps.staff_inviting import disable
from service.steps.staff_locks import code_now
from tests.support.browser import PlainBrowser
from tests.support.staff import PASSWORD, Person, Rooms
from workers.maintenance.ways_back import WaysBack

NEW = "another phrase of words"


def inside(browser: PlainBrowser) -> bool:
    browser.open("/staff/sessions")
    return browser.reply.status == 200 and browser.heading == "Your sessions"


def copied(rooms: Rooms, browser: PlainBrowser) -> PlainBrowser:
    """A thief who has the cookie as it is now."""
    thief = rooms.browser()
    thief.cookies["staff_session"] = browser.cookies["staff_session"]
    assert inside(thief)
    return thief


def prove(rooms: Rooms, person: Person, browser: PlainBrowser, **typed: str) -> None:
    browser.fill("Password now", typed.get("password", PASSWORD))
    browser.fill("One-time code", typed.get("code") or rooms.code(person))


def codes_of(rooms: Rooms, person: Person, browser: PlainBrowser) -> list[str]:
    browser.open("/staff/account/codes")
    prove(rooms, person, browser)
    browser.press("Make new codes")
    return [code.text for code in browser.page.one("ol", id="recovery-codes").all("code")]


def actions(rooms: Rooms) -> list[str]:
    return [row.action for row in sorted(rooms.rows("audit"), key=lambda row: row.at)]


def test_a_recovery_code_opens_once_and_new_ones_end_the_old(rooms: Rooms, admin_a: Person) -> None:
    browser = rooms.log_in(admin_a)
    first = codes_of(rooms, admin_a, browser)
    assert len(first) == 10
    [link] = [link for link in browser.page.all("a") if link.has("download")]
    assert first[0] in unescape(link["href"])
    browser.open("/staff/account/codes")
    assert first[0] not in browser.reply.body, "they are shown once"
    assert "10 codes left" in browser.text
    kept = repr([bytes(row.code_hash) for row in rooms.rows("staff_recovery_code")])
    assert first[0] not in kept
    assert inside(rooms.log_in(admin_a, code=first[0].upper().replace("-", " ")))
    assert rooms.log_in(admin_a, code=first[0]).reply.status == 422
    browser.open("/staff/account")
    assert "9 codes left" in browser.text
    told = [text for to, text in rooms.mails() if to == admin_a.email]
    assert any("A recovery code was used. Codes left: 9." in text for text in told)
    second = codes_of(rooms, admin_a, browser)
    assert rooms.log_in(admin_a, code=first[1]).reply.status == 422
    assert rooms.log_in(admin_a, password="wrong", code=second[0]).reply.status == 422
    assert inside(rooms.log_in(admin_a, code=second[0])), "a wrong password uses none up"


def test_a_code_of_somebody_else_opens_nothing(
    rooms: Rooms, admin_a: Person, member_b: Person
) -> None:
    [theirs, *_] = codes_of(rooms, member_b, rooms.log_in(member_b))
    assert rooms.log_in(admin_a, code=theirs).reply.status == 422
    assert inside(rooms.log_in(member_b, code=theirs))


def test_a_new_password_ends_all_other_sessions_and_the_stolen_cookie(
    rooms: Rooms, admin_a: Person
) -> None:
    browser, other = rooms.log_in(admin_a), rooms.log_in(admin_a)
    thief = copied(rooms, browser)
    browser.open("/staff/account/password")
    prove(rooms, admin_a, browser)
    browser.fill("New password", NEW)
    browser.press("Change the password")
    assert "Your password is changed" in browser.text
    assert inside(browser)
    assert not inside(thief)
    assert not inside(other)
    assert rooms.log_in(admin_a).reply.status == 422
    assert inside(rooms.log_in(admin_a, password=NEW))
    assert "staff.password_changed" in actions(rooms)
    [(to, text)] = rooms.mails()
    assert to == admin_a.email
    assert "Your password was changed." in text
    assert NEW not in text


def test_a_new_app_ends_all_other_sessions_and_the_old_codes(rooms: Rooms, admin_a: Person) -> None:
    browser, other = rooms.log_in(admin_a), rooms.log_in(admin_a)
    thief = copied(rooms, browser)
    browser.open("/staff/account/app")
    secret = browser.page.one("code", id="totp-key").text.replace(" ", "")
    prove(rooms, admin_a, browser, password="wrong")
    browser.fill("Code of the new app", code_now(secret, rooms.clock.now()))
    browser.press("Change the app")
    assert browser.reply.status == 422
    assert browser.page.one("code", id="totp-key").text.replace(" ", "") == secret
    prove(rooms, admin_a, browser)
    browser.fill("Code of the new app", code_now(secret, rooms.clock.now()))
    browser.press("Change the app")
    assert "Your app is changed" in browser.text
    assert inside(browser)
    assert not inside(thief)
    assert not inside(other)
    assert rooms.log_in(admin_a).reply.status == 422
    rooms.pass_time(minutes=1)
    assert inside(rooms.log_in(admin_a, code=code_now(secret, rooms.clock.now())))


@pytest.mark.parametrize("page", ["password", "app", "codes"])
def test_a_browser_left_open_is_not_enough_to_change_anything(
    rooms: Rooms, admin_a: Person, page: str
) -> None:
    browser = rooms.log_in(admin_a)
    before = rooms.rows("staff"), rooms.rows("staff_recovery_code")
    words = {"password": "Change the password", "app": "Change the app", "codes": "Make new codes"}
    statuses = []
    for _ in range(11):
        browser.open(f"/staff/account/{page}")
        if page == "password":
            browser.fill("New password", NEW)
        if page == "app":
            secret = browser.page.one("code", id="totp-key").text.replace(" ", "")
            browser.fill("Code of the new app", code_now(secret, rooms.clock.now()))
        browser.fill("Password now", "guess")
        browser.fill("One-time code", "000000")
        browser.press(words[page])
        statuses.append(browser.reply.status)
    assert statuses == [422] * 10 + [429]
    assert (rooms.rows("staff"), rooms.rows("staff_recovery_code")) == before


def ask(rooms: Rooms, email: str) -> PlainBrowser:
    browser = rooms.browser()
    browser.open("/staff/login")
    browser.follow("Forgot your password?")
    browser.fill("Email address", email)
    browser.press("Mail me a link")
    return browser


def test_who_forgot_the_password_comes_back_by_mail_and_a_second_factor(
    rooms: Rooms, admin_a: Person
) -> None:
    old = rooms.log_in(admin_a)
    [code, *_] = codes_of(rooms, admin_a, old)
    rooms.mails()
    known, unknown = ask(rooms, "Admin@A.example"), ask(rooms, "nobody@a.example")
    assert known.heading == unknown.heading == "Look into your mail"
    ways = WaysBack(rooms.unit_of_work, "https://here.example", rooms.clock)
    assert ways.write() == 1
    assert ways.write() == 0
    assert rooms.rows("staff_way_back") == []
    link = rooms.link_mailed(admin_a.email)
    browser = rooms.browser()
    for typed in ("000000", code):
        browser.open(link)
        browser.fill("New password", NEW)
        browser.fill("One-time code", typed)
        browser.press("Set the password and log in")
        assert (browser.reply.status == 422) == (typed == "000000")
    assert browser.heading == "Your account"
    assert not inside(old)
    assert rooms.log_in(admin_a).reply.status == 422
    assert inside(rooms.log_in(admin_a, password=NEW))
    browser.open(link)
    assert browser.reply.status == 404
    assert "staff.password_reset" in actions(rooms)
    assert "A new password was chosen." in " ".join(text for _, text in rooms.mails())


def test_a_way_back_holds_an_hour_sets_no_app_and_is_not_mailed_without_end(
    rooms: Rooms, admin_a: Person, member_b: Person
) -> None:
    with rooms.unit_of_work() as work:
        disable(work, member_b.staff, Actor(ActorKind.COMMAND, "test"), rooms.clock.now())
    for email in [member_b.email, *[admin_a.email] * 3]:
        assert ask(rooms, email).reply.status == 200
    assert ask(rooms, admin_a.email).reply.status == 429
    assert WaysBack(rooms.unit_of_work, "https://here.example", rooms.clock).write() == 1
    link = rooms.link_mailed(admin_a.email)
    browser = rooms.browser()
    browser.open(link.replace("login/new-password", "invitation"))
    assert browser.reply.status == 404, "it sets a password, and nothing else"
    rooms.pass_time(minutes=61)
    browser.open(link)
    assert browser.reply.status == 404


def test_an_account_under_attack_from_everywhere_still_lets_its_owner_in(
    rooms: Rooms, admin_a: Person
) -> None:
    from models.domain.login_limits import limits

    known = rooms.log_in(admin_a)
    [account] = [one for one in limits(admin_a.email, "x", None) if one.bucket[:8] == "account:"]
    with rooms.unit_of_work() as work:
        for _ in range(account.most):
            work.staff.count_try(account, rooms.clock.now())
    assert rooms.log_in(admin_a).reply.status == 429, "a stranger's browser waits"
    known.cookies.pop("staff_session")
    assert inside(rooms.log_in(admin_a, known)), "a known one does not"
    ask(rooms, admin_a.email)
    WaysBack(rooms.unit_of_work, "https://here.example", rooms.clock).write()
    browser = rooms.browser()
    with rooms.unit_of_work() as work:
        for _ in range(account.most):
            work.staff.count_try(account, rooms.clock.now())
    browser.open(rooms.link_mailed(admin_a.email))
    browser.fill("New password", NEW)
    browser.fill("One-time code", rooms.code(admin_a))
    browser.press("Set the password and log in")
    assert inside(browser), "nor does who reads the owner's mail and has the owner's app"


def test_links_one_after_the_other_give_no_more_guesses_a_day(
    rooms: Rooms, admin_a: Person
) -> None:
    """Who reads somebody's mail asks for a new link when the last one takes no more guesses."""
    now, staff_id = rooms.clock.now(), admin_a.staff.id
    before, link = make_way_back(now), make_way_back(now)
    with rooms.unit_of_work() as work:
        work.staff.invite(staff_id, link, now)
        *_, of_account = link_limits(before.token_hash, staff_id)
        assert all(work.staff.count_try(of_account, now) for _ in range(100))
    browser = rooms.browser()
    browser.open(f"/staff/login/new-password/{link.token}")
    browser.fill("New password", NEW)
    browser.fill("One-time code", rooms.code(admin_a))
    browser.press("Set the password and log in")
    assert browser.reply.status == 429
    assert not inside(browser)


def test_asking_for_a_password_ends_nobodys_invitation(rooms: Rooms, member_a: Person) -> None:
    """Who lost password and app is invited again; anybody may ask in their name meanwhile."""
    now = rooms.clock.now()
    invitation, second = make_invitation(now), make_way_back(now)
    with rooms.unit_of_work() as work:
        work.staff.invite(member_a.staff.id, invitation, now)
    ask(rooms, member_a.email)
    assert WaysBack(rooms.unit_of_work, "https://here.example", rooms.clock).write() == 1
    first = rooms.link_mailed(member_a.email)
    with rooms.unit_of_work() as work:
        work.staff.invite(member_a.staff.id, second, now)
    browser = rooms.browser()
    browser.open(first)
    assert browser.reply.status == 404, "of two links to a password the newer opens"
    browser.open(f"/staff/invitation/{invitation.token}")
    secret = browser.page.one("code", id="totp-key").text.replace(" ", "")
    browser.fill("New password", NEW)
    browser.fill("One-time code", code_now(secret, rooms.clock.now()))
    browser.press("Set up and log in")
    assert inside(browser)
    browser.open(f"/staff/login/new-password/{second.token}")
    assert browser.reply.status == 404, "what opened before the account was set up anew ends"
