"""A real browser in front of the whole system; skipped, with the reason, where there is none."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.support.chromium import CHROMIUM, ChromiumBrowser
from tests.support.running import SYSTEM, RunningSystem

RESULTS = "/results?education_level=high_school&postal_code=10940&query=medical+records+technician"


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    with CHROMIUM.use() as started_browser:
        yield started_browser


@pytest.fixture(scope="session")
def running_system(browser: Chromium) -> Iterator[RunningSystem]:  # noqa: ARG001 - skips first
    with SYSTEM.use() as system:
        yield system


Step = Callable[[ChromiumBrowser], None]


def _open(address: str) -> Step:
    return lambda student: student.open(address)


def _asking(student: ChromiumBrowser) -> None:
    student.open(RESULTS)
    student.follow("Ask for information")
    assert student.heading == "Ask schools for information", student.text


def _asking_wrong(student: ChromiumBrowser) -> None:
    _asking(student)
    student.fill("Email address", "nonsense")
    student.press("Continue")


def _checking(student: ChromiumBrowser) -> None:
    _asking(student)
    student.fill("First name", "Zo\u00eb")
    student.fill("Last name", "Example")
    student.fill("Email address", "zoe@example.com")
    student.fill("Phone number", "404 555 0123")
    student.choose("Yes")
    student.press("Continue")


def _checking_wrong(student: ChromiumBrowser) -> None:
    _checking(student)
    student.press("Send my request to 1 school")


def _sent(student: ChromiumBrowser) -> None:
    _checking(student)
    student.choose("Email.")
    student.press("Send my request to 1 school")


# Every template, clean, with errors and empty; and the words its first heading must say.
STATES: dict[str, tuple[Step, str]] = {
    "start": (_open("/"), "Find college programs"),
    "start with errors": (
        _open("/results?education_level=&postal_code=1"),
        "Find college programs",
    ),
    "results": (_open(RESULTS), "Programs for you"),
    "results narrowed": (_open(f"{RESULTS}&control=public&state=NY"), "Programs for you"),
    "results empty": (_open(f"{RESULTS}&state=GU"), "Programs for you"),
    "request": (_asking, "Ask schools for information"),
    "request with errors": (_asking_wrong, "Ask schools for information"),
    "check": (_checking, "Check and agree"),
    "check with errors": (_checking_wrong, "Check and agree"),
    "confirmation": (_sent, "Your request is on its way"),
    "how we rank": (_open("/how-we-rank"), "How we rank"),
    "sources": (_open("/sources"), "Sources"),
    "privacy": (_open("/privacy"), "Privacy"),
    "not found": (_open("/nowhere"), "Page not found"),
    "expired": (_open("/request/check"), "Your time ran out"),
}


@pytest.fixture(params=STATES)
def state(request: pytest.FixtureRequest) -> tuple[Step, str]:
    return STATES[request.param]


@pytest.fixture
def keyboard(browser: Chromium, running_system: RunningSystem) -> Iterator[Page]:
    """A page without JavaScript for somebody without a mouse."""
    student = ChromiumBrowser(browser, running_system.url)
    yield student.page
    student.close()
