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
    student.follow(student.say("results.request.here"))
    assert student.heading == student.say("request.title"), student.text


def _asking_wrong(student: ChromiumBrowser) -> None:
    _asking(student)
    student.fill(student.say("request.email"), "nonsense")
    student.press(student.say("request.continue"))


def _checking(student: ChromiumBrowser) -> None:
    _asking(student)
    student.fill(student.say("request.first_name"), "Zo\u00eb")
    student.fill(student.say("request.last_name"), "Example")
    student.fill(student.say("request.email"), "zoe@example.com")
    student.fill(student.say("request.phone"), "404 555 0123")
    student.choose(student.say("request.yes"))
    student.press(student.say("request.continue"))


def _checking_wrong(student: ChromiumBrowser) -> None:
    _checking(student)
    student.press(student.say("check.send", n=1))


def _planning(student: ChromiumBrowser) -> None:
    student.open(RESULTS.replace("high_school", "still_in_high_school"))
    student.follow(student.say("results.request.here"))


def _under_18(student: ChromiumBrowser) -> None:
    _planning(student)
    student.choose(student.say("request.no"))
    student.press(student.say("request.continue"))


def _age_empty(student: ChromiumBrowser) -> None:
    _planning(student)
    student.press(student.say("request.continue"))


def _a_school(student: ChromiumBrowser) -> None:
    student.open("/fields/51.07/ny")
    with student.page.expect_navigation():
        student.page.locator("ul.entries a").first.click()


def _a_program(student: ChromiumBrowser) -> None:
    _a_school(student)
    with student.page.expect_navigation():
        student.page.locator("h4 a").first.click()


def _compared(student: ChromiumBrowser) -> None:
    student.open(RESULTS)
    for box in student.page.locator("input[name=listing_id]").all()[:4]:
        box.check()
    student.press(student.say("compare.submit"))


def _shared(student: ChromiumBrowser) -> None:
    student.open(RESULTS)
    student.follow(student.say("share.link"))


def _sent(student: ChromiumBrowser) -> None:
    _checking(student)
    student.choose(f"{student.say('channel.email')}.")
    student.press(student.say("check.send", n=1))


def _after_sending(name: str, press: str = "", fill: tuple[str, str] = ("", "")) -> Step:
    """A page on which a student changes their mind, with its button pressed or not."""

    def go(student: ChromiumBrowser) -> None:
        _sent(student)
        student.open(f"{student.address.partition('?')[0]}/{name}")
        if fill[0]:
            student.fill(student.say(fill[0]), fill[1])
        if press:
            student.press(student.say(press))

    return go


def _nothing_ticked(student: ChromiumBrowser) -> None:
    _after_sending("withdraw")(student)
    student.page.locator("input[name=school_id]").uncheck()
    student.press(student.say("afterwards.withdraw.button"))


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
    "results without a diploma": (
        _open("/results?education_level=no_diploma&postal_code=10940"),
        "Programs for you",
    ),
    "education": (_open("/steps/education"), "What is your highest level of education?"),
    "education empty": (
        _open("/steps/education?sent=1"),
        "What is your highest level of education?",
    ),
    "place": (_open("/steps/place"), "What is your ZIP or postal code?"),
    "place with errors": (
        _open("/steps/place?sent=1&postal_code=10940&region=CA"),
        "What is your ZIP or postal code?",
    ),
    "study": (_open("/steps/study"), "What do you want to study?"),
    "study with choices": (_open("/steps/study?words=medical+coding"), "What do you want to study"),
    "study not found": (_open("/steps/study?words=zzqqxx"), "What do you want to study?"),
    "study nothing chosen": (
        _open("/steps/study?words=nursing&sent=1"),
        "What do you want to study?",
    ),
    "study fields": (_open("/steps/fields"), "All fields of study"),
    "format": (
        _open("/steps/format?education_level=high_school&postal_code=10940&format=campus"),
        "How do you want to study?",
    ),
    "format empty": (_open("/steps/format?sent=1"), "How do you want to study?"),
    "answers": (
        _open("/steps/check?education_level=high_school&postal_code=10940&field=51.07"),
        "Check your answers",
    ),
    "states": (_open("/schools"), "Schools by state"),
    "schools of a state": (_open("/schools/ny"), "Schools in New York"),
    "schools of no state": (_open("/schools/not-published"), "Schools whose state"),
    "schools of a province": (_open("/schools/on"), "Schools in Ontario"),
    "school": (_a_school, ""),
    "fields": (_open("/fields"), "All fields of study"),
    "field": (_open("/fields/51.07"), "Health and medical administration"),
    "field in a state": (_open("/fields/51.07/ny"), "in New York"),
    "program": (_a_program, ""),
    "compare": (_compared, "Compare programs"),
    "compare nothing": (_open("/compare"), "Compare programs"),
    "search": (_open("/search?q=middlesex+comunity"), "Search: middlesex"),
    "search nothing found": (_open("/search?q=zzqqxxjjkk"), "Search: zzqqxxjjkk"),
    "search nothing typed": (_open("/search"), "Search this site"),
    "share": (_shared, "Share this search"),
    "age": (_planning, "Are you 18 or over?"),
    "age empty": (_age_empty, "Are you 18 or over?"),
    "under 18": (_under_18, "You cannot send a request yet"),
    "request": (_asking, "Ask schools for information"),
    "request with errors": (_asking_wrong, "Ask schools for information"),
    "check": (_checking, "Check and agree"),
    "check with errors": (_checking_wrong, "Check and agree"),
    "confirmation": (_sent, "Your request is on its way"),
    "withdraw": (_after_sending("withdraw"), "Take your request back"),
    "withdraw with errors": (_nothing_ticked, "Take your request back"),
    "withdrawn": (
        _after_sending("withdraw", "afterwards.withdraw.button"),
        "You took this request back",
    ),
    "correct": (_after_sending("correct"), "Correct a mistake"),
    "correct with errors": (
        _after_sending("correct", "afterwards.correct.button", ("request.email", "nonsense")),
        "Correct a mistake",
    ),
    "delete": (_after_sending("delete"), "Delete everything about me"),
    "how we rank": (_open("/how-we-rank"), "How we rank"),
    "sources": (_open("/sources"), "Sources"),
    "privacy": (_open("/privacy"), "Privacy"),
    "not found": (_open("/nowhere"), "Page not found"),
    "expired": (_open("/request/check"), "Your time ran out"),
}


# `make test` looks at the pages that every request goes through, `make browser` at all.
QUICK = {"start with errors", "results", "request with errors", "check"}


@pytest.fixture(
    params=[pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in STATES]
)
def state(request: pytest.FixtureRequest) -> tuple[Step, str]:
    return STATES[request.param]


@pytest.fixture
def keyboard(browser: Chromium, running_system: RunningSystem) -> Iterator[Page]:
    """A page without JavaScript for somebody without a mouse."""
    student = ChromiumBrowser(browser, running_system.url)
    yield student.page
    student.close()
