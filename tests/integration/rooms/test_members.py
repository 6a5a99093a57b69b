"""An organization's people: who may change them, what they notice, and what it never learns."""

import pytest

from models.domain.ids import Prefix, show
from models.domain.organization import Actor, ActorKind
from models.domain.staff import Role
from service.steps.staff_inviting import join_organization
from service.steps.staff_locks import code_now
from tests.support.browser import PlainBrowser
from tests.support.staff import Person, Rooms, press, room

_BY = Actor(ActorKind.COMMAND, "test")


def members(rooms: Rooms, name: str = "A") -> str:
    return room(rooms.schools[name], "members")


def listed(browser: PlainBrowser) -> dict[str, str]:
    panels = browser.page.all("li", class_="panel")
    return {panel.one("h2").text: panel.all("dd")[0].text for panel in panels}


def invite(browser: PlainBrowser, email: str, role: str = "member") -> None:
    browser.fill("Email address", email)
    form = next(form for form in browser.page.all("form") if form.all("input", name="email"))
    browser.typed[id(form.one("select"))] = role
    browser.press("Invite")


def inside(browser: PlainBrowser, path: str) -> bool:
    browser.open(path)
    return browser.reply.status == 200 and browser.heading != "Log in"


def test_an_admin_invites_by_mail_and_the_link_sets_an_account_up(
    rooms: Rooms, admin_a: Person
) -> None:
    admin = rooms.log_in(admin_a)
    admin.open(members(rooms))
    invite(admin, "nobody at all")
    assert admin.reply.status == 422
    invite(admin, " New@A.example ", "admin")
    assert "They get a mail" in admin.text
    assert listed(admin) == {"admin@a.example": "admin", "new@a.example": "admin"}
    assert "not yet" in admin.text
    invite(admin, "new@a.example")
    assert "works for the organization already" in admin.reply.body
    link = rooms.link_mailed("new@a.example")
    assert link not in admin.reply.body, "who is invited alone gets the link"
    new = rooms.browser()
    new.open(link)
    secret = new.page.one("code", id="totp-key").text.replace(" ", "")
    new.fill("New password", "a phrase of my own")
    new.fill("One-time code", code_now(secret, rooms.clock.now()))
    new.press("Set up and log in")
    assert inside(new, members(rooms))
    assert "not yet" not in new.text


def test_a_member_who_is_taken_out_is_out_at_once_and_keeps_what_is_elsewhere(
    rooms: Rooms, admin_a: Person, member_b: Person
) -> None:
    organization = rooms.schools["A"].organization_id
    with rooms.unit_of_work() as work:
        join_organization(work, member_b.staff, (organization, Role.MEMBER), _BY, rooms.clock.now())
    theirs, admin = rooms.log_in(member_b), rooms.log_in(admin_a)
    assert inside(theirs, room(rooms.schools["A"], "leads"))
    admin.open(members(rooms))
    assert admin_a.email in listed(admin)
    press(admin, f"Take out {member_b.email}")
    assert listed(admin) == {"admin@a.example": "admin"}
    assert not inside(theirs, room(rooms.schools["A"], "leads"))
    assert inside(theirs, room(rooms.schools["B"], "leads")), "nobody is put out elsewhere"
    rooms.log_in(member_b, theirs)
    assert not inside(theirs, room(rooms.schools["A"], "leads"))
    assert inside(theirs, room(rooms.schools["B"], "leads"))
    [text] = [text for to, text in rooms.mails() if to == member_b.email]
    assert "You do not work for" in text


def test_an_admin_puts_nobody_out_elsewhere_by_inviting_them_and_changing_their_role(
    rooms: Rooms, admin_a: Person, member_b: Person
) -> None:
    theirs, admin = rooms.log_in(member_b), rooms.log_in(admin_a)
    admin.open(members(rooms))
    invite(admin, member_b.email)
    for role in ("admin", "member"):
        [form] = [
            form
            for form in admin.page.all("form")
            if member_b.email in form.text and form.all("select")
        ]
        admin.typed[id(form.one("select"))] = role
        press(admin, f"Set {member_b.email}")
        assert listed(admin)[member_b.email] == role
        assert inside(theirs, room(rooms.schools["B"], "leads"))
    assert not inside(theirs, members(rooms)), "a role taken away is gone with the next page"


def test_another_role_begins_with_a_new_session(
    rooms: Rooms, admin_a: Person, member_a: Person
) -> None:
    theirs, admin = rooms.log_in(member_a), rooms.log_in(admin_a)
    admin.open(members(rooms))
    [form] = [
        form
        for form in admin.page.all("form")
        if member_a.email in form.text and form.all("select")
    ]
    admin.typed[id(form.one("select"))] = "admin"
    press(admin, f"Set {member_a.email}")
    assert listed(admin)[member_a.email] == "admin"
    assert not inside(theirs, members(rooms)), "the token of before opens nothing"
    rooms.log_in(member_a, theirs)
    assert inside(theirs, members(rooms))


@pytest.mark.parametrize("who", ["admin", "operator"])
def test_the_last_admin_stays(
    rooms: Rooms, admin_a: Person, member_a: Person, operator: Person, who: str
) -> None:
    shown = show(Prefix.ORGANIZATION, rooms.schools["A"].organization_id)
    pages = {"admin": members(rooms), "operator": f"/staff/operator/people/{shown}"}
    browser = rooms.log_in({"admin": admin_a, "operator": operator}[who])
    browser.open(pages[who])
    for action in (f"Take out {admin_a.email}", f"Set {admin_a.email}"):
        for form in browser.page.all("form"):
            if admin_a.email in form.text and form.all("select"):
                browser.typed[id(form.one("select"))] = "member"
        press(browser, action)
        assert "needs an admin" in browser.text
        assert listed(browser)[admin_a.email] == "admin"
    press(browser, f"Take out {member_a.email}")
    assert list(listed(browser)) == [admin_a.email]


def test_who_lost_everything_is_invited_again_by_mail(
    rooms: Rooms, admin_a: Person, member_a: Person
) -> None:
    old, admin = rooms.log_in(member_a), rooms.log_in(admin_a)
    admin.open(members(rooms))
    press(admin, f"Invite again {member_a.email}")
    link = rooms.link_mailed(member_a.email)
    assert inside(old, room(rooms.schools["A"], "leads")), "nothing ends before it is used"
    new = rooms.browser()
    new.open(link)
    secret = new.page.one("code", id="totp-key").text.replace(" ", "")
    new.fill("New password", "a phrase of my own")
    new.fill("One-time code", code_now(secret, rooms.clock.now()))
    new.press("Set up and log in")
    assert inside(new, room(rooms.schools["A"], "leads"))
    assert not inside(old, room(rooms.schools["A"], "leads"))
    actions = {row.action for row in rooms.rows("audit")}
    assert {"staff.invite", "staff.invitation_accepted"} <= actions


def test_an_admin_reaches_nobodys_account_elsewhere_and_learns_of_none(
    rooms: Rooms, admin_a: Person, member_b: Person, operator: Person
) -> None:
    admin = rooms.log_in(admin_a)
    admin.open(members(rooms))
    for email in (member_b.email, "unknown@b.example"):
        invite(admin, email)
        assert "They get a mail" in admin.text
    panels = {
        panel.one("h2").text: panel.text.replace(panel.one("h2").text, "")
        for panel in admin.page.all("li", class_="panel")
    }
    assert panels[member_b.email] == panels["unknown@b.example"]
    mails = dict(rooms.mails())
    assert "/staff/login\r\n" in mails[member_b.email], "who has an account keeps what opens it"
    press(admin, f"Invite again {member_b.email}")
    assert "works elsewhere too" in admin.text
    assert rooms.mails() == []
    shown = show(Prefix.ORGANIZATION, rooms.schools["A"].organization_id)
    over = rooms.log_in(operator)
    over.open("/staff/operator/people")
    assert shown in over.reply.body
    over.open(f"/staff/operator/people/{shown}")
    press(over, f"Invite again {member_b.email}")
    assert "/staff/invitation/" in rooms.link_mailed(member_b.email)
