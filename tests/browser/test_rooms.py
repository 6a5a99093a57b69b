"""The rooms of staff in a real browser: from login to log out, for all to use, at any width."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from werkzeug.routing import Map

from models.domain.clock import SystemClock
from service import operator, school, staff
from service.access import ACCESS, ROOMS
from service.steps.staff_locks import code_now
from tests.browser.furnishing import Insider, furnish, log_in
from tests.browser.looking import axe_violations, scrolls_sideways
from tests.browser.room_states import (
    ACCOUNT,
    ADMIN,
    ANSWERS,
    NO_PAGES,
    OPERATOR,
    PAGES,
    WAYS_IN,
)
from tests.support.chromium import ChromiumBrowser
from tests.support.nu import Checker
from tests.support.running import RunningSystem

WIDTHS = (320, 1280)
# `make test` looks at one, `make browser` at all.
QUICK = {"leads?status=waiting&from=never"}


@dataclass(frozen=True)
class Furnished:
    """Rooms with something in them, whoever is in, and what stands in addresses."""

    insiders: Mapping[str, Insider]
    made: Mapping[str, str]

    def open(self, email: str, path: str) -> ChromiumBrowser:
        """Open a page of somebody's rooms."""
        return self.insiders[email].open(path.format(**self.made))


@pytest.fixture(scope="module")
def rooms(browser: Chromium, running_system: RunningSystem) -> Iterator[Furnished]:
    """A code opens once, so each account logs in once: one browser for each, for all its pages."""
    insiders = {email: log_in(browser, running_system, email) for email in PAGES}
    made = furnish(running_system, insiders[ADMIN], insiders[OPERATOR])
    yield Furnished(insiders, made)
    for each in insiders.values():
        each.person.press("Log out")
        assert each.person.heading == "Log in"
        each.person.close()


def check(person: ChromiumBrowser, heading: str) -> None:
    """Nothing for axe to find, nothing that scrolls sideways."""
    for width in WIDTHS:
        person.page.set_viewport_size({"width": width, "height": 900})
        assert person.heading.startswith(heading)
        assert axe_violations(person.page) == [], f"{width} px"
        assert not scrolls_sideways(person.page, width), f"{width} px"


def _pages() -> list[object]:
    return [
        pytest.param(
            email,
            path,
            heading,
            id=f"{email.partition('@')[0]}-{path}",
            marks=() if path in QUICK else pytest.mark.slow,
        )
        for email, pages in PAGES.items()
        for path, heading in pages.items()
    ]


@pytest.mark.parametrize(("email", "path", "heading"), _pages())
def test_every_page_of_the_rooms_is_for_all_to_use_and_valid(
    rooms: Furnished, nu: Checker, email: str, path: str, heading: str
) -> None:
    with rooms.insiders[email].person.page.expect_response(
        lambda one: one.request.is_navigation_request() and not 300 <= one.status < 400
    ) as told:
        person = rooms.open(email, path)
    assert nu.errors(told.value.text()) == []
    check(person, heading)


@pytest.mark.slow
@pytest.mark.parametrize("name", ANSWERS)
def test_what_forms_answer_is_for_all_to_use(rooms: Furnished, name: str) -> None:
    email, path, fill_in, heading = ANSWERS[name]
    person = rooms.open(email, path)
    fill_in(person)
    check(person, heading)


@pytest.mark.slow
@pytest.mark.parametrize("path", ACCOUNT)
def test_the_pages_of_an_account_are_for_all_to_use(rooms: Furnished, path: str) -> None:
    person = rooms.insiders[ADMIN].person
    person.open(path)
    check(person, ACCOUNT[path])


@pytest.mark.slow
def test_the_ways_in_are_for_all_to_use(browser: Chromium, running_system: RunningSystem) -> None:
    person = ChromiumBrowser(browser, running_system.url, java_script_enabled=True, bypass_csp=True)
    person.open("/staff/login")
    check(person, "Log in")
    person.press("Log in")
    check(person, "Log in")
    person.open("/staff/login/forgotten")
    check(person, "Forgot your password?")
    for address in ("/staff/invitation/no-such-token", "/staff/login/new-password/no-such-token"):
        person.open(address)
        check(person, "This link cannot be used")
    add = ("staff", "add", "new@schoolmatch.example")
    invited = json.loads(running_system.run(*add, "--operator", "--json"))["invitation"]
    running_system.run(*add, "--organization", "Demonstration Sponsor Oak (fictional)")
    person.open(invited)
    check(person, "Set up your account")
    person.press("Set up and log in")
    check(person, "Set up your account")
    secret = "".join(person.page.locator("#totp-key").inner_text().split())
    person.fill("Password", "seven quiet herons at dusk")
    person.fill("One-time code", code_now(secret, SystemClock().now()))
    person.press("Set up and log in")
    check(person, "Recovery codes")
    person.open("/staff/")
    check(person, "Your rooms")
    person.close()


def routes() -> Map:
    """What the three rooms answer to."""
    app = Flask(__name__)
    app.extensions["schoolmatch"] = SimpleNamespace(unit_of_work=None, clock=None)
    for room in (staff, school, operator):
        app.register_blueprint(room.blueprint)
    return app.url_map


def test_every_page_that_staff_can_open_has_a_state() -> None:
    known = routes()
    find = known.bind("")
    base = {OPERATOR: "/staff/operator", ADMIN: "/staff/org_1"}
    addresses = [f"{base[email]}/{path}" for email in PAGES for path in PAGES[email]]
    addresses = [*addresses, *ACCOUNT, *WAYS_IN]
    plain = [re.sub(r"{\w+}", "x", address.partition("?")[0]) for address in addresses]
    shown = {find.match(address, "GET")[0] for address in plain}
    opened = {one.endpoint for one in known.iter_rules() if "GET" in (one.methods or ())}
    of_rooms = {one for one in opened if one.partition(".")[0] in ROOMS} - {"staff.static"}
    assert of_rooms == {one for one in of_rooms if one in ACCESS}
    assert of_rooms - NO_PAGES == shown
