"""Two searches in two tabs of one browser: neither takes, shows or sends what is the other's."""

import pytest

from tests.integration.web.conftest import Asking
from tests.support.browser import PlainBrowser

SEND = "Send my request to 1 school"


@pytest.fixture
def other(asking: Asking) -> Asking:
    """A second tab: the same cookies, another search."""
    tab = PlainBrowser(asking.browser.fetch, asking.browser.cookies)
    there = Asking(asking.world, tab, asking.unitids)
    tab.open("/results?education_level=some_college&postal_code=10940&query=medical+records")
    return there


def test_what_another_tab_prepares_changes_nothing_of_what_is_sent_here(
    asking: Asking, other: Asking
) -> None:
    asking.to_check(**{"Phone number": "404 555 0123"})
    shown = asking.browser.text
    other.browser.follow("Ask for information")
    assert other.browser.page.one("input", id="email")["value"] == "zoe@example.com"
    other.fill_in(**{"Email address": "other@example.com", "Phone number": ""})
    asking.browser.reload()
    assert asking.browser.text == shown
    for tab in (asking, other):
        tab.browser.choose("Email.")
        tab.browser.press(SEND)
        assert tab.browser.heading == "Your request is on its way", tab.browser.text
    assert asking.world.count("request") == 2
    assert asking.browser.address != other.browser.address


def test_going_back_shows_what_this_tab_sent(asking: Asking, other: Asking) -> None:
    checks: list[tuple[str, str]] = []
    for tab in (asking, other):
        if tab is asking:
            tab.to_form()
        else:
            tab.browser.follow("Ask for information")
        tab.fill_in(**{"Email address": f"tab{len(checks)}@example.com"})
        check = tab.browser.address
        tab.browser.choose("Email.")
        tab.browser.press(SEND)
        checks.append((check, tab.browser.text.split("Your reference:")[1].split()[0]))
    for check, reference in checks:
        asking.browser.open(check)
        assert asking.browser.heading == "You already sent this"
        assert reference in asking.browser.text
