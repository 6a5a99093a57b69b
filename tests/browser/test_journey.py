"""The whole journey in Chromium: without a script and with it, slowly, in each language.

From the start page through results, details, a school's own question and the consents to the
confirmation; Back at each step; sent twice; in two tabs at once; saved and come back to.
"""

from collections.abc import Callable, Iterator
from time import time
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Request, expect

from tests.browser.journeys import ANSWER, AskingSchool, Journey, asking_school, throttle
from tests.support.asking import Asker, askable
from tests.support.chromium import ChromiumBrowser
from tests.support.running import RunningSystem, eventually

pytestmark = pytest.mark.slow
PHONE = {"viewport": {"width": 320, "height": 640}}
SCRIPT = {"java_script_enabled": True}
WAYS: dict[str, dict[str, Any]] = {
    "without a script": {},
    "with the script": {**SCRIPT},
    "in Spanish on a phone": {**SCRIPT, **PHONE, "speaks": "es"},
    "in French without a script": {**PHONE, "speaks": "fr"},
    "slowly": {**SCRIPT, **PHONE},
}
# What a browser says to a page that it kept as it was and shows again.
AS_IT_WAS_LEFT = "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
Begin = Callable[..., Journey]
# Writes down, in the tab, what the button says of each form that is sent.
NOTE_BUTTONS = """addEventListener("submit", (event) => setTimeout(() => {
  const button = event.target.querySelector(".button");
  const says = `${button.textContent}${button.ariaDisabled}`;
  sessionStorage.says = (sessionStorage.says || "") + says;
}))"""


@pytest.fixture(scope="module")
def school(running_system: RunningSystem) -> Iterator[AskingSchool]:
    with asking_school(running_system) as asking:
        yield asking


@pytest.fixture
def begin(
    browser: Chromium, running_system: RunningSystem, school: AskingSchool
) -> Iterator[Begin]:
    """Make students, each in a browser of their own."""
    students: list[ChromiumBrowser] = []

    def new(**way: Any) -> Journey:
        students.append(ChromiumBrowser(browser, running_system.url, **way))
        return Journey(students[-1], school)

    yield new
    for student in students:
        student.close()


@pytest.mark.parametrize("way", WAYS)
def test_from_the_start_to_the_school(
    begin: Begin, running_system: RunningSystem, way: str
) -> None:
    journey = begin(**WAYS[way])
    if way == "slowly":
        journey.page.set_default_timeout(60_000)
        journey.page.add_init_script(NOTE_BUTTONS)
        throttle(journey.student)
    journey.to_results()
    assert not journey.too_wide
    journey.ask(journey.school.name)
    assert not journey.too_wide
    journey.fill_in()
    journey.go_on()
    assert not journey.too_wide
    journey.student.choose(ANSWER)
    journey.go_on()
    assert not journey.too_wide
    reference = journey.send()
    assert not journey.too_wide
    [lead] = eventually(lambda: running_system.received(reference))
    assert journey.email in lead["body"]
    if way == "slowly":
        told = journey.page.evaluate("sessionStorage.says")
        assert told == "One moment\u2026true" * 3 + "Sending\u2026true"


@pytest.mark.parametrize("script", [False, True], ids=["plain", "script"])
def test_back_at_each_step_keeps_what_was_typed(begin: Begin, *, script: bool) -> None:
    journey = begin(java_script_enabled=script)
    page = journey.page
    journey.to_results()
    page.go_back()
    assert page.locator("#postal_code").input_value() == "10940"
    assert page.locator("#education_level-high_school").is_checked()
    page.go_forward()
    journey.ask(journey.school.name)
    journey.fill_in()
    journey.go_on()
    page.go_back()
    assert page.locator("#email").input_value() == journey.email
    assert page.locator("input[name=listing_ids]:checked").count() == 1
    journey.go_on()
    journey.student.choose(ANSWER)
    journey.go_on()
    page.go_back()
    assert page.get_by_label(ANSWER).is_checked()
    journey.go_on()
    assert journey.email in journey.student.text
    check = page.url
    reference = journey.send()
    page.goto(check)
    assert journey.student.heading == "You already sent this"
    assert journey.reference == reference


def test_a_form_on_its_way_is_not_sent_again_and_its_button_says_so(
    begin: Begin, running_system: RunningSystem
) -> None:
    journey = begin(**SCRIPT)
    journey.to_check()
    page, sent = journey.page, list[Request]()
    page.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
    page.route("**/request/check*", lambda route: route.fulfill(status=204))  # no page comes
    journey.agree()
    button = page.locator("main form button").first
    wide = button.bounding_box()
    button.click(no_wait_after=True)
    expect(button).to_have_text("Sending\u2026")
    expect(button).to_have_attribute("aria-disabled", "true")
    expect(page.locator("body > [role=status]")).to_have_text("Sending\u2026")
    assert button.bounding_box() == wide, "nothing beside it moves"
    button.click(no_wait_after=True, force=True)  # though it says that it does nothing now
    button.press("Enter", no_wait_after=True)
    assert len(sent) == 1
    page.unroute("**/request/check*")
    page.evaluate(AS_IT_WAS_LEFT)
    with page.expect_navigation():
        button.dblclick(no_wait_after=True)
    assert journey.student.heading == journey.student.say("sent.title")
    assert len(sent) == 2
    [_] = eventually(lambda: running_system.received(journey.reference))


def test_who_comes_back_to_a_page_as_it_was_left_can_send_it(begin: Begin) -> None:
    journey = begin(**SCRIPT)
    journey.answer()
    page = journey.page
    page.route("**/results*", lambda route: route.fulfill(status=204))  # leads nowhere
    button = page.locator("main form .button").first
    button.click(no_wait_after=True)
    expect(button).to_have_attribute("aria-disabled", "true")
    page.unroute("**/results*")
    page.evaluate(AS_IT_WAS_LEFT)
    expect(button).to_have_text(journey.student.say("start.submit.find"))
    journey.student.press(journey.student.say("start.submit.find"))
    assert journey.student.heading == journey.student.say("results.title")


def test_two_tabs_neither_mix_nor_lose_what_they_hold(
    begin: Begin, running_system: RunningSystem
) -> None:
    one = begin(**SCRIPT)
    one.to_check()
    found = Asker(running_system.port).search(education_level="some_college")
    other_school = askable(found)[0]["school"]["name"]
    assert other_school != one.school.name
    tab = begin(**SCRIPT)
    tab.student.page = one.page.context.new_page()
    results = "/results?education_level=some_college&postal_code=10940"
    tab.student.open(f"{results}&query=medical+records+technician")
    tab.ask(other_school)
    assert tab.page.locator("#first_name").input_value() == "Zo\u00eb", "asked once"
    tab.fill_in()
    tab.go_on()
    one.student.reload()
    assert one.email in one.student.text
    assert tab.email not in one.student.text
    references = [one.send(), tab.send()]
    [first] = eventually(lambda: running_system.received(references[0]))
    [second] = eventually(lambda: running_system.received(references[1]))
    assert [one.email in first["body"], tab.email in first["body"]] == [True, False]
    assert [one.email in second["body"], tab.email in second["body"]] == [False, True]


def test_what_is_saved_waits_for_who_comes_back_days_later(begin: Begin) -> None:
    journey = begin(**PHONE)
    journey.to_questions()
    journey.student.choose(ANSWER)
    journey.student.press("Save and come back later")
    cookies = journey.page.context
    [saved] = [one for one in cookies.cookies() if one["name"] == "saved"]
    assert saved["expires"] - time() == pytest.approx(7 * 86400, abs=120)
    cookies.clear_cookies(name="session")  # as if the browser had been closed
    journey.student.open("/")
    assert not journey.too_wide
    journey.student.press("Continue where you left off")
    assert journey.student.heading == journey.student.say("check.title")
    assert ANSWER in journey.student.text
    journey.send()
    journey.student.open("/saved")
    assert journey.student.heading == journey.student.say("saving.none_title")
