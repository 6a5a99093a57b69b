"""A school's way in a real browser, by what is on the screen alone: from an invitation to a cost.

Nobody in it knows an address, an id or a command: links are followed, labels filled, buttons
pressed. The school's own system is a Slate of the test's own, on this machine.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser as Chromium

from models.domain.clock import SystemClock
from service.steps.staff_locks import code_now
from tests.browser.journeys import AskingSchool, Journey
from tests.browser.test_rooms import check
from tests.support.chromium import ChromiumBrowser
from tests.support.installation import eventually
from tests.support.running import RunningSystem
from workers.destinations.form_post.mock import MockSystem

# Far enough down the journey's search to be lifted; no demonstration organization stands in for it.
SCHOOL = "SUNY Westchester Community College"
ORGANIZATION = "A school's day"
SLATE = "Technolutions Slate, by post"
SLATE_ANSWERS = {
    "Host": "apply.example.edu",
    "Source format id": "0a1b2c3d-0000-4000-8000-000000000002",
    "User name": "schoolmatch",
    "Password": "made-up-password",
    "Contact e-mail": "admissions@school.example",
}
PRICE = 95
BECAME = ("enrolled", "contacted", "rejected")

pytestmark = pytest.mark.slow


@contextmanager
def somebody(browser: Chromium, system: RunningSystem) -> Iterator[ChromiumBrowser]:
    """A browser of somebody who works here; nobody has come in yet."""
    person = ChromiumBrowser(browser, system.url, java_script_enabled=True, bypass_csp=True)
    yield person
    person.close()


def set_up_account(person: ChromiumBrowser, invitation: str) -> None:
    """Open an invitation's link, choose a password, put the key into an app."""
    person.open(invitation)
    key = person.page.locator("#totp-key").inner_text().replace(" ", "")
    person.fill("New password", "a long walk by the river")
    person.fill("One-time code", code_now(key, SystemClock().now()))
    person.press("Set up and log in")
    person.follow("I have kept them")


def told(person: ChromiumBrowser, term: str) -> str:
    """What a page says of something in its first list that has it."""
    name = person.page.get_by_role("term").get_by_text(term, exact=True)
    return name.first.locator("xpath=ancestor::div[1]/dd").inner_text()


def arrived(slate: MockSystem) -> list[Mapping[str, str]]:
    """The lines that Slate was posted, by the names of their columns."""
    return [
        row for post in slate.received for row in csv.DictReader(io.StringIO(post.body.decode()))
    ]


def invite_a_school(operator: ChromiumBrowser) -> str:
    """Add the organization; the link for its first admin."""
    operator.follow("Organizations")
    operator.fill("Name", ORGANIZATION)
    operator.fill("Email address of its first admin", f"{uuid4().hex}@example.com")
    operator.press("Add it")
    return operator.page.locator("main [role=status] code").inner_text()


def set_up_slate(admin: ChromiumBrowser, slate: MockSystem) -> None:
    """By its preset: answers, address, a field more, preview, test."""
    admin.follow("Destinations")
    admin.follow("Set a destination up")
    check(admin, "Where should leads go?")
    admin.follow(SLATE)
    for label, answer in SLATE_ANSWERS.items():
        admin.fill(label, answer)
    check(admin, "Set up: ")
    admin.press("Make the draft")
    assert told(admin, "State") == "Draft"

    admin.follow("Settings")
    address = urlsplit(admin.page.get_by_label("Address", exact=True).input_value())
    assert address.hostname == SLATE_ANSWERS["Host"]
    admin.fill("Address", f"{slate.host}{address.path}?{address.query}")
    check(admin, "Settings of ")
    admin.press("Save")

    admin.follow("Fields: what goes where")
    admin.press("Add rows")
    row = admin.page.get_by_role("group", name="New row").first
    row.get_by_label("Your field").fill("Lead")
    row.get_by_label("Value", exact=True).fill("lead_id")
    admin.press("Preview")
    shown = admin.page.locator("pre").inner_text()
    [sample] = csv.DictReader(io.StringIO(shown))
    assert sample["First"] == "Test"
    assert sample["Lead"].startswith("lead_")
    check(admin, "Fields of ")
    admin.press("Save")
    assert slate.received == []

    admin.press("Send a test")
    assert slate.wait_for(1, 30)
    [test] = arrived(slate)
    assert (test["First"], test["Last"]) == ("Test", "Schoolmatch")

    def known() -> bool:
        admin.reload()
        return told(admin, "Last test") != "Not with these settings"

    eventually(known)
    assert told(admin, "State") == "Active"
    check(admin, SLATE)


def claim_listing(admin: ChromiumBrowser, operator: ChromiumBrowser) -> None:
    """Claim the school for requests from campaigns; the operator approves."""
    admin.follow("Claim a listing")
    admin.fill("School\u2019s name", SCHOOL)
    admin.press("Search")
    admin.choose(SCHOOL)
    assert SLATE in admin.page.get_by_label("Where its requests go").inner_text()
    admin.choose("Take free requests")
    admin.press("Claim this listing")
    assert "Waits for an operator" in admin.text

    operator.follow("Approvals")
    operator.press(f"Approve {SCHOOL}")
    admin.reload()
    assert "Takes requests from campaigns only" in admin.text


def begin_campaign(admin: ChromiumBrowser) -> None:
    """Make a campaign with a price and begin it."""
    admin.follow("Campaigns")
    admin.follow("New campaign")
    admin.fill("Name", "This autumn")
    admin.page.get_by_label("Price of a lead").fill(f"{PRICE}.00")
    admin.press("Save")
    admin.press("Begin")
    assert "The campaign runs." in admin.text


def ask(student: ChromiumBrowser) -> str:
    """Find the school among sponsored listings and ask it; the student's address."""
    journey = Journey(student, AskingSchool("", SCHOOL))
    journey.to_results()
    card = student.page.locator("article.card", has_text=SCHOOL).first

    def sponsored() -> bool:
        student.reload()
        return "Sponsored" in card.inner_text()

    eventually(sponsored)  # the web hears of campaigns within a second
    journey.ask(SCHOOL)
    journey.fill_in()
    journey.go_on()
    journey.send()
    return journey.email


def say_what_became(admin: ChromiumBrowser, leads: Mapping[str, str], file: Path) -> None:
    """Upload a table of lead ids and what became of them."""
    admin.follow("Leads")
    admin.follow("Say what became of many leads")
    lines = ["lead_id,status", *(f"{lead},{status}" for lead, status in leads.items())]
    file.write_text("\n".join(lines))
    admin.page.get_by_label("Table (CSV)").set_input_files(file)
    admin.press("Look at the table")
    assert f"{len(leads)} rows can be kept." in admin.text
    assert "0 rows cannot." in admin.text
    admin.press(f"Keep {len(leads)} rows")
    assert admin.heading == f"{len(leads)} rows are kept"


def test_a_schools_day_by_browser(
    browser: Chromium, running_system: RunningSystem, tmp_path: Path
) -> None:
    added = running_system.run("staff", "add", f"{uuid4().hex}@example.com", "--operator", "--json")
    with (
        MockSystem("slate_post") as slate,
        somebody(browser, running_system) as operator,
        somebody(browser, running_system) as admin,
    ):
        set_up_account(operator, json.loads(added)["invitation"])
        set_up_account(admin, invite_a_school(operator))
        set_up_slate(admin, slate)
        claim_listing(admin, operator)
        begin_campaign(admin)

        students = {}
        for status in BECAME:
            student = ChromiumBrowser(browser, running_system.url)
            students[ask(student)] = status
            student.close()
        assert slate.wait_for(1 + len(BECAME), 60)
        leads = {row["Lead"]: students[row["Email"]] for row in arrived(slate)[1:]}
        say_what_became(admin, leads, tmp_path / "autumn.csv")

        admin.follow("Reports")
        check(admin, "Reports of ")
        assert told(admin, "Leads") == str(len(BECAME))
        assert told(admin, "Enrolled") == "1 of 3"
        per_enrolment = told(admin, "Cost per enrolment")
        # One enrolled; who was rejected costs nothing, who was contacted does.
        assert f"{2 * PRICE}.00" in per_enrolment
        admin.follow("The statement")
        assert told(admin, "Total") == per_enrolment

        admin.follow("Campaigns")
        admin.follow("Look and change")
        admin.press("End it for good")
