"""Every page in a real browser: for all to use, at any width, with nothing from elsewhere."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium

from tests.browser.conftest import Step
from tests.support.chromium import ChromiumBrowser
from tests.support.running import RunningSystem

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


# `make test` looks at the narrow English pages, `make browser` at the wide ones too, and at the
# longer words of other languages where there is least room for them.
WIDE = pytest.param((1280, "dark", "en"), marks=pytest.mark.slow)
OTHERS = [
    pytest.param((320, scheme, speaks), marks=pytest.mark.slow)
    for scheme, speaks in (("light", "es"), ("dark", "fr"))
]


@pytest.mark.parametrize("seen", [(320, "light", "en"), WIDE, *OTHERS])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Chromium,
    running_system: RunningSystem,
    state: tuple[Step, str],
    seen: tuple[int, str, str],
) -> None:
    (go, heading), (width, scheme, speaks) = state, seen
    student = ChromiumBrowser(
        browser,
        running_system.url,
        speaks=speaks,
        java_script_enabled=True,  # axe is a script; our pages have none
        bypass_csp=True,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
    )
    go(student)
    if speaks == "en":
        assert heading in student.heading
    assert student.page.locator("html").get_attribute("lang") == speaks
    student.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    found = Axe().run(student.page, options={"runOnly": RULES})
    assert [(one["id"], one["nodes"][0]["html"]) for one in found.response["violations"]] == []
    assert found.response["passes"]
    assert student.page.evaluate("document.documentElement.scrollWidth") <= width
    student.close()


def test_a_page_asks_only_this_site_and_seldom(
    browser: Chromium, running_system: RunningSystem, state: tuple[Step, str]
) -> None:
    student = ChromiumBrowser(browser, running_system.url)
    asked: list[str] = []
    complaints: list[str] = []
    student.page.on("request", lambda request: asked.append(request.url))
    student.page.on("console", lambda message: complaints.append(message.text))
    state[0](student)
    assert asked
    assert all(address.startswith(running_system.url) for address in asked)
    opened = [address for address in asked if "/assets/" not in address]
    assert len(asked) - len(opened) <= 2 * len(opened)
    assert [text for text in complaints if "Content Security Policy" in text] == []
    student.close()
