"""The rooms of staff in a real browser: from login to log out, for all to use, at any width."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium

from tests.browser.looking import axe_violations, scrolls_sideways
from tests.support.chromium import ChromiumBrowser
from tests.support.nu import Checker
from tests.support.running import RunningSystem

OPERATOR = "operator@schoolmatch.example"
ADMIN = "admissions@schoolmatch.example"
# A code opens once, so each account logs in once: one browser for each, for all its pages.
PAGES = {
    OPERATOR: {
        "rankers": "Rankers",
        "training": "Training",
        "traffic": "Traffic",
        "slates": "Why this order",
        "deliveries": "Deliveries in trouble",
        "approvals": "Approvals",
        "versions": "Versions",
        "audit": "Audit",
    },
    ADMIN: {
        "today": "Today at ",
        "leads": "Leads of ",
        "leads?status=waiting&from=never": "Leads of ",
        "returns": "Returns of ",
        "reports": "Reports of ",
        "documentation": "For the programmers of ",
        "why": "Where would we stand?",
        "why?education_level=high_school&postal_code=10940&query=medical+coding": "Where would we",
        "reports?from=2026-01-01&to=2025-01-01": "Reports of ",
        "dispositions": "Say what became of many leads",
        "destinations": "Destinations of ",
        "listings": "Listings of ",
        "listings?q=college+of": "Listings of ",
        "campaigns": "Campaigns of ",
        "campaigns/new": "New campaign of ",
        "questions": "Questions of ",
        "highlights": "Highlights of ",
        "keys": "API keys of ",
        "members": "People of ",
        "sign-in": "Your own sign-in",
        "history": "What was changed for ",
    },
}


def code(system: RunningSystem, email: str) -> str:
    """The present code, as the command line tells it in a demonstration."""
    return system.run("staff", "code", email).strip()


@pytest.fixture(scope="module", params=PAGES)
def staff(
    request: pytest.FixtureRequest, browser: Chromium, running_system: RunningSystem
) -> Iterator[tuple[str, ChromiumBrowser]]:
    email = request.param
    person = ChromiumBrowser(browser, running_system.url, java_script_enabled=True, bypass_csp=True)
    passwords = json.loads((running_system.folder / "school" / "staff.json").read_text())
    person.open("/staff/login")
    person.fill("Email address", email)
    person.fill("Password", passwords[email])
    person.fill("One-time code", code(running_system, email))
    person.press("Log in")
    yield email, person
    person.press("Log out")
    assert person.heading == "Log in"
    person.close()


def check(person: ChromiumBrowser, heading: str) -> None:
    """Nothing for axe to find, nothing that scrolls sideways."""
    for width in (320, 1280):
        person.page.set_viewport_size({"width": width, "height": 900})
        assert person.heading.startswith(heading)
        assert axe_violations(person.page) == []
        assert not scrolls_sideways(person.page, width)


def test_every_page_of_the_rooms_is_for_all_to_use_and_valid(
    staff: tuple[str, ChromiumBrowser], nu: Checker
) -> None:
    email, person = staff
    base = person.page.url.rpartition("/")[0]
    for path, heading in PAGES[email].items():
        person.open(f"{base}/{path}")
        check(person, heading)
        assert nu.errors(person.page.request.get(person.address).text()) == [], path
    if email == ADMIN:
        person.open(f"{base}/dispositions")
        person.fill("Or paste its lines here", "lead_id,status\nlead_1,accepted\n,contacted")
        person.press("Look at the table")
        check(person, "What your table comes to")
    for path, heading in (
        ("sessions", "Your sessions"),
        ("account", "Your account"),
        ("account/password", "Change the password"),
        ("account/app", "Change the app"),
        ("account/codes", "Recovery codes"),
    ):
        person.open(f"/staff/{path}")
        check(person, heading)


def test_the_ways_in_are_for_all_to_use(browser: Chromium, running_system: RunningSystem) -> None:
    person = ChromiumBrowser(browser, running_system.url, java_script_enabled=True, bypass_csp=True)
    person.open("/staff/login")
    check(person, "Log in")
    person.press("Log in")
    check(person, "Log in")
    person.open("/staff/login/forgotten")
    check(person, "Forgot your password?")
    person.open("/staff/invitation/no-such-token")
    check(person, "This link cannot be used")
    told = running_system.run("staff", "add", "new@schoolmatch.example", "--operator", "--json")
    person.open(json.loads(told)["invitation"])
    check(person, "Set up your account")
    person.press("Set up and log in")
    check(person, "Set up your account")
    person.close()
