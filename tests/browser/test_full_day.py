"""A day of the loop in a real browser: train, look, promote, hear an alarm, go back."""

import json
import re
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium

from tests.browser.furnishing import code
from tests.browser.looking import axe_violations
from tests.browser.room_states import OPERATOR
from tests.browser.test_rooms import check
from tests.support.chromium import ChromiumBrowser
from tests.support.installation import eventually
from tests.support.running import RunningSystem, started

SEARCHES = 2_500
MINUTES = 5 * 60.0
# Others come than those whom the ranker learned from.
NEWCOMERS = {"education_level": "doctorate", "region": "AK", "format": "online"}

pytestmark = pytest.mark.slow


@pytest.fixture
def system(browser: Chromium) -> Iterator[RunningSystem]:  # noqa: ARG001 - skips first
    """One of its own: what serves changes."""
    with started() as running:
        yield running


@pytest.fixture
def office(browser: Chromium, system: RunningSystem) -> Iterator[ChromiumBrowser]:
    person = ChromiumBrowser(browser, system.url, java_script_enabled=True, bypass_csp=True)
    passwords = json.loads((system.folder / "school" / "staff.json").read_text())
    person.open("/staff/login")
    person.fill("Email address", OPERATOR)
    person.fill("Password", passwords[OPERATOR])
    person.fill("One-time code", code(system, OPERATOR))
    person.press("Log in")
    yield person
    person.close()


def drawn_by(system: RunningSystem, form: dict[str, str], times: int) -> set[str]:
    """Let students search; the rankers that drew their slates."""
    found = set()
    for _ in range(times):
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{system.url}/api/v1/matches",
            json.dumps(form).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            found.add(str(json.load(answer)["ranker_version"]))
    return found


def act(office: ChromiumBrowser, field: str, reason: str, button: str) -> None:
    """Say why, then do it."""
    office.page.locator(f"#{field}").fill(reason)
    office.press(button)


def test_a_full_day_by_browser(office: ChromiumBrowser, system: RunningSystem) -> None:
    (prior,) = drawn_by(system, NEWCOMERS, 1)
    system.run("simulate", "--searches", str(SEARCHES), "--seed", "3")

    office.open("/staff/operator/training")
    act(office, "reason-ask", "a day's log", "Start training")
    office.follow("Stop that")
    check(office, "Training")

    def done() -> bool:
        office.reload()
        return "steps done" not in office.text

    eventually(done, MINUTES)
    with office.page.expect_navigation():
        office.page.locator("ol.plain a").first.click()
    version = office.heading.removeprefix("Ranker ")
    assert re.fullmatch(r"[0-9a-f]{16}", version)
    check(office, "Ranker ")
    assert office.page.locator("#gate + .wide td strong").count() == 0
    assert office.page.locator("figure.chart svg[role=img]").count() == 7

    act(office, "reason-shadow", "does it open?", "Put in shadow")
    assert drawn_by(system, NEWCOMERS, 10) == {prior}
    office.page.locator("#share").fill("50")
    act(office, "reason-canary", "a little", "Make it the canary")
    # Web processes read what serves each second; none of 30 would be a chance of 1 in a billion.
    eventually(lambda: drawn_by(system, NEWCOMERS, 30) == {prior, version})
    check(office, "Ranker ")
    act(office, "reason-promote", "better in every segment", "Promote")
    eventually(lambda: drawn_by(system, NEWCOMERS, 1) == {version})

    office.open(f"/staff/operator/rankers/compare?version={version}&version={prior}")
    check(office, "Rankers side by side")

    drawn_by(system, NEWCOMERS, 150)
    # Slates reach the database within a second or so; the worker looks by itself, later.
    eventually(lambda: "students" in alarms(system))
    office.open("/staff/operator/rankers")
    assert "Students ask for something else" in office.text
    check(office, "Rankers")
    office.open("/staff/operator/traffic?of=simulated")
    assert f"{SEARCHES:,} searches" in office.text
    check(office, "Traffic")

    office.open("/staff/operator/rankers")
    act(office, "reason", "others come now", "Roll back")
    eventually(lambda: drawn_by(system, NEWCOMERS, 1) == {prior})
    assert "Students ask for something else" not in office.text
    office.open("/staff/operator/audit")
    for action in ("training.ask", "ranker.shadow", "ranker.canary", "ranker.promote"):
        assert action in office.text
    assert "ranker.rollback" in office.text
    assert axe_violations(office.page) == []


def alarms(system: RunningSystem) -> set[str]:
    """Look now, and give what alarms."""
    told = system.run("ranker", "watch", "--json", status=None)
    return set(json.loads(told)["alarms"])
