"""The whole journey in Chromium, JavaScript off, at each level of education, and what goes wrong.

Whatever a student does (goes back, sends twice, comes back too late, comes with a session that is
not theirs) the page says what is true. ``make test`` runs one sending level; ``make browser`` all.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser as Chromium

from models.domain.levels import EducationLevel
from service.messages import text as words
from tests.support.chromium import ChromiumBrowser
from tests.support.running import RunningSystem

SENDING = tuple(level for level in EducationLevel if level is not EducationLevel.NO_DIPLOMA)
SEND = "Send my request to 1 school"
ALREADY = "You already sent this"
SENT = "Your request is on its way"
OVER = "Your time ran out"


@dataclass
class Student:
    """Somebody of one level in front of the running system."""

    level: EducationLevel
    browser: ChromiumBrowser
    system: RunningSystem

    def answer_step_by_step(self) -> None:
        browser = self.browser
        browser.open("/")
        browser.follow("step by step instead")
        browser.choose(words("en", f"education_level.{self.level}.label"))
        browser.press("Continue")
        browser.fill("What is your ZIP or postal code?", "10940")
        browser.press("Continue")
        if self.level is not EducationLevel.NO_DIPLOMA:
            browser.fill("What do you want to study?", "business")
            browser.press("Search")
            browser.page.locator("input[name=study]").first.check()
            browser.press("Continue")
            browser.choose("Either")
            browser.press("Continue")
        assert browser.heading == "Check your answers"

    def to_results(self) -> None:
        self.browser.open(f"/results?education_level={self.level}&postal_code=10940&query=business")
        assert self.browser.heading == "Programs for you"

    def to_check(self) -> None:
        browser = self.browser
        browser.follow("Ask for information")
        if browser.heading == "Are you 18 or over?":  # once a session, only of this level
            assert self.level is EducationLevel.STILL_IN_HIGH_SCHOOL
            browser.choose("Yes")
            browser.press("Continue")
        assert browser.heading == "Ask schools for information"
        browser.fill("First name", "Zoë")
        browser.fill("Last name", "Example")
        browser.fill("Email address", "zoe@example.com")
        browser.choose("Yes")
        browser.press("Continue")
        assert browser.heading == "Check and agree"

    def send(self) -> str:
        self.browser.choose("Email.")
        self.browser.press(SEND)
        assert self.browser.heading == SENT
        return self.reference

    @property
    def reference(self) -> str:
        return self.browser.page.locator("#reference").inner_text()

    def kept(self, table: str) -> int:
        """How many rows the system keeps."""
        return int(str(self.system.ask_database(f"SELECT count(*) FROM {table}")))  # noqa: S608 - our own words

    def lets_two_hours_pass(self) -> None:
        """End every session, as its time would."""
        self.system.ask_database("UPDATE web_session SET expires_at = seen_at RETURNING 1")

    def forges_a_session(self) -> None:
        cookies = self.browser.page.context.cookies()
        [mine] = [cookie for cookie in cookies if cookie["name"] == "session"]
        self.browser.page.context.add_cookies(
            [{"name": "session", "value": "A" * len(mine["value"]), "url": self.system.url}]
        )


def _levels(*in_short: EducationLevel) -> list[object]:
    return [
        level if level in in_short else pytest.param(level, marks=pytest.mark.slow)
        for level in SENDING
    ]


@pytest.fixture
def student(
    request: pytest.FixtureRequest, browser: Chromium, running_system: RunningSystem
) -> Iterator[Student]:
    """A student of the level that the test names."""
    opened = ChromiumBrowser(browser, running_system.url)
    yield Student(request.param, opened, running_system)
    opened.close()


short = _levels(EducationLevel.HIGH_SCHOOL)
with_planning = _levels(EducationLevel.STILL_IN_HIGH_SCHOOL)


@pytest.mark.parametrize("student", with_planning, indirect=True)
def test_the_whole_journey_step_by_step_going_back_on_the_way(student: Student) -> None:
    browser = student.browser
    student.answer_step_by_step()
    browser.page.go_back()
    assert browser.heading == "How do you want to study?"
    browser.page.go_back()
    assert browser.heading == "What do you want to study?"
    browser.page.go_forward()
    browser.page.go_forward()
    assert browser.heading == "Check your answers"
    browser.reload()
    assert words("en", f"education_level.{student.level}.label") in browser.text
    browser.follow("Show programs")
    assert browser.heading == "Programs for you"
    assert browser.page.locator("article.card").count() == 20

    student.to_check()
    browser.page.go_back()
    assert browser.heading == "Ask schools for information"
    assert browser.page.locator("#email").input_value() == "zoe@example.com"
    browser.press("Continue")
    reference = student.send()
    browser.page.go_back()
    assert browser.heading == ALREADY
    assert student.reference == reference


@pytest.mark.parametrize("student", short, indirect=True)
def test_sending_twice_from_two_tabs_is_sending_once(student: Student) -> None:
    student.to_results()
    student.to_check()
    tab = student.browser.page.context.new_page()
    tab.goto(student.browser.address)
    tab.get_by_label("Email.").first.check()
    requests = student.kept("request")
    reference = student.send()
    with tab.expect_navigation():
        tab.get_by_role("button", name=SEND).click()
    assert tab.locator("h1").inner_text() == ALREADY
    assert tab.locator("#reference").inner_text() == reference
    assert student.kept("request") == requests + 1


@pytest.mark.parametrize("student", short, indirect=True)
def test_a_session_that_expired_sends_nothing_and_leads_back(student: Student) -> None:
    student.to_results()
    student.to_check()
    requests = student.kept("request")
    student.browser.choose("Email.")
    student.lets_two_hours_pass()
    student.browser.press(SEND)
    assert student.browser.heading == OVER
    assert "nothing was sent" in student.browser.text
    student.browser.follow("Ask again from your results")
    assert student.browser.heading in {"Ask schools for information", "Are you 18 or over?"}
    assert "zoe@example.com" not in student.browser.page.content()
    assert student.kept("request") == requests


@pytest.mark.parametrize("student", short, indirect=True)
def test_a_forged_session_sends_nothing_and_sees_nothing(student: Student) -> None:
    student.to_results()
    student.to_check()
    student.send()
    sent_at = student.browser.address
    requests = student.kept("request")
    student.to_results()
    student.to_check()
    student.browser.choose("Email.")
    student.forges_a_session()
    student.browser.press(SEND)
    assert student.browser.heading == OVER
    assert student.kept("request") == requests
    student.browser.open(sent_at)
    assert student.browser.heading == "This request cannot be shown here"
    assert "zoe@example.com" not in student.browser.page.content()


@pytest.mark.parametrize("student", [EducationLevel.NO_DIPLOMA], indirect=True)
def test_without_a_diploma_the_journey_ends_with_where_to_ask(student: Student) -> None:
    browser = student.browser
    student.answer_step_by_step()
    browser.page.go_back()
    assert browser.heading == "What is your ZIP or postal code?"
    browser.page.go_forward()
    browser.follow("Show programs")
    assert browser.heading == "Programs for you"
    assert "First, your diploma" in browser.text
    assert "adult education" in browser.text
    assert browser.page.get_by_role("link", name="Ask for information").count() == 0
    assert browser.page.locator(".label.ad").count() == 0
    slate = browser.page.locator("a[rel=next]").first.get_attribute("href") or ""
    slate_id = slate.partition("slate_id=")[2].partition("&")[0]
    browser.open(f"/request?slate_id={slate_id}")
    assert browser.heading == "You cannot send a request yet"
    assert browser.page.locator("main input").count() == 0


@pytest.mark.parametrize("student", [EducationLevel.STILL_IN_HIGH_SCHOOL], indirect=True)
def test_who_is_under_18_is_told_before_typing_anything(student: Student) -> None:
    browser = student.browser
    people = student.kept("person_key")
    student.to_results()
    assert "You are planning ahead" in browser.text
    browser.follow("Ask for information")
    assert browser.page.locator("input[type=text], input[type=email]").count() == 0
    browser.press("Continue")
    assert "Say whether you are 18 or over" in browser.page.locator("[role=alert]").inner_text()
    browser.choose("No")
    browser.press("Continue")
    assert browser.heading == "You cannot send a request yet"
    browser.page.go_back()
    assert browser.heading == "Are you 18 or over?"
    assert student.kept("person_key") == people
    assert browser.page.context.cookies() == []
