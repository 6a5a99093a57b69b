"""Results narrowed in place: what changes, what stays, and what the browser does when it cannot."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, expect

from tests.support.chromium import ChromiumBrowser
from tests.support.running import RunningSystem

pytestmark = pytest.mark.slow
RESULTS = "/results?education_level=high_school&postal_code=10940&query=medical+records+technician"
SHIFTS = """window.shifted = 0; new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
}).observe({type: "layout-shift", buffered: true})"""


@pytest.fixture(params=[320, 1280])
def page(
    browser: Chromium, running_system: RunningSystem, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """Results, with the script; ``stays`` is there until another document is."""
    viewport = {"width": request.param, "height": 800}
    student = ChromiumBrowser(
        browser, running_system.url, java_script_enabled=True, viewport=viewport
    )
    student.open(RESULTS)
    student.page.evaluate(f"window.stays = true; {SHIFTS}")
    yield student.page
    student.close()


def stays(page: Page) -> bool:
    return bool(page.evaluate("window.stays === true"))


def count(page: Page) -> str:
    return page.locator("#found").inner_text()


def told(page: Page) -> str:
    return page.locator("body > [role=status]").inner_text()


def narrow(page: Page) -> None:
    """Ask for public schools by keyboard, with the box's own Enter."""
    box = page.locator("#control-public")
    box.focus()
    box.press("Space")
    box.press("Enter", no_wait_after=True)


def held_back(page: Page, address: str, times: int | None = None) -> list[Route]:
    """Let what is asked there wait for ever; what waits."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(address, hold, times=times)
    return held


def test_narrowing_keeps_the_page_the_focus_and_its_place_and_tells_the_count(page: Page) -> None:
    before, all_of_them = page.locator("#control-public"), count(page)
    state = page.locator("#refine summary").first
    state.click()
    before.focus()
    place = before.bounding_box()
    narrow(page)
    page.wait_for_url("**&control=public")
    assert stays(page)
    assert count(page) != all_of_them
    assert told(page) == count(page)
    assert page.locator("#control-public:focus").is_checked()
    after = page.locator("#control-public").bounding_box()
    assert place
    assert after
    assert abs(after["y"] - place["y"]) < 2, "what was used stands where it stood"
    assert page.locator("#refine details").first.get_attribute("open") is not None
    assert "control=public" in str(page.locator(".languages a").first.get_attribute("href"))
    assert page.locator("main").get_attribute("aria-busy") is None
    assert page.evaluate("window.shifted") <= 0.02


def test_back_and_forward_show_each_page_as_it_was_left(page: Page) -> None:
    first = count(page)
    narrow(page)
    page.wait_for_url("**&control=public")
    public, down = count(page), page.evaluate("scrollY")
    chip = page.locator(".chip").first
    chip.focus()
    chip.press("Enter", no_wait_after=True)
    page.wait_for_url(lambda address: "control" not in address)
    assert count(page) == first
    assert page.locator("#found:focus").count() == 1, "what was used is gone"
    page.go_back()
    expect(page.locator("#found")).to_have_text(public)
    assert page.locator(".chip:focus").count() == 1
    page.go_back()
    expect(page.locator("#found")).to_have_text(first)
    assert page.locator("#control-public:focus").count() == 1
    assert abs(page.evaluate("scrollY") - down) < 400
    page.go_forward()
    expect(page.locator("#found")).to_have_text(public)
    assert stays(page)
    page.reload()
    assert count(page) == public


def test_a_newer_search_takes_the_place_of_one_on_its_way(page: Page) -> None:
    ended: list[str] = []
    held = held_back(page, "**/results?*control=public*")
    page.on("requestfailed", lambda one: ended.append(one.url))
    narrow(page)
    page.wait_for_function("document.querySelector('main').ariaBusy === 'true'")
    assert told(page) == "Searching\u2026"
    page.locator("#control-public").uncheck()
    page.locator("#control-private_nonprofit").check()
    page.locator("#refine-submit").click(no_wait_after=True)
    page.wait_for_url("**&control=private_nonprofit")
    assert [address for address in ended if address.endswith("control=public")], "it is ended"
    held.pop().abort()
    assert page.locator("#control-private_nonprofit").is_checked()
    assert not page.locator("#control-public").is_checked()
    assert stays(page)


@pytest.mark.parametrize("wrong", ["broken", "nothing", "elsewhere"])
def test_when_it_cannot_the_browser_asks_as_without_the_script(page: Page, wrong: str) -> None:
    answers = {
        "broken": lambda route: route.fulfill(status=500, body="broken"),
        "nothing": lambda route: route.abort(),
        "elsewhere": lambda route: route.fulfill(body="<h1>Welcome to this wireless</h1>"),
    }
    page.route("**/results?*", answers[wrong], times=1)
    with page.expect_navigation():
        narrow(page)
    assert not stays(page)
    assert page.locator("#control-public").is_checked()


def test_an_answer_that_does_not_come_is_left_to_the_browser(page: Page) -> None:
    page.clock.install()
    held = held_back(page, "**/results?*", times=1)
    narrow(page)
    page.wait_for_function("document.querySelector('main').ariaBusy === 'true'")
    with page.expect_navigation():
        page.clock.fast_forward(9_000)
    held.pop().abort()
    assert page.locator("#control-public").is_checked()


@pytest.mark.parametrize("way", ["a link", "a form"])
def test_who_leaves_for_another_page_is_not_brought_back(page: Page, way: str) -> None:
    ended: list[str] = []
    page.on("requestfailed", lambda one: ended.append(one.url))
    searches = held_back(page, "**/results?*control=public*", times=1)
    # Without a number: with no route left Playwright lets go what it holds.
    pages = held_back(page, "**/fields" if way == "a link" else "**/search?*")
    narrow(page)
    page.wait_for_function("document.querySelector('main').ariaBusy === 'true'")
    if way == "a form":
        page.locator("#site-search").fill("nursing")
    with page.expect_request(lambda one: one.is_navigation_request()):
        if way == "a link":
            page.locator("a[href$='/fields']").click(no_wait_after=True)
        else:
            page.locator("#site-search").press("Enter", no_wait_after=True)
    # A search that fails would have the browser ask, were it still wanted.
    searches.pop().abort()
    page.wait_for_timeout(500)
    with page.expect_navigation():
        pages.pop().continue_()
    assert "/results" not in page.url
    assert [address for address in ended if address.endswith("control=public")], "it is given up"


def test_pages_sponsored_ones_and_other_links_go_where_they_lead(page: Page) -> None:
    page.locator("#sponsored").click(no_wait_after=True)
    page.wait_for_url("**&hide_sponsored=true")
    assert stays(page)
    assert page.locator("#sponsored:focus").count() == 1
    assert page.locator(".card.is-sponsored").count() == 0
    with page.expect_navigation():
        page.locator("a[rel=next]").click()
    assert not stays(page)
