"""What is saved stays what it was, whatever else its student does or the service meets."""

from tests.integration.web.conftest import Asking
from tests.integration.web.test_saving import FOUND, GO_ON, SAVE, kept

SEND, SENT = "Send my request to 1 school", "Your request is on its way"


def ways_to_ask(asking: Asking) -> list[str]:
    """The links that ask schools for information, from one search."""
    asking.to_results()
    links = asking.browser.page.one("main").all("a")
    return [one["href"] for one in links if "Ask for information" in one.text]


def chosen(asking: Asking) -> list[str]:
    boxes = asking.browser.page.all("input", name="listing_ids")
    return [one["value"] for one in boxes if one.has("checked")]


def save_here(asking: Asking) -> list[str]:
    """Save the form at hand; what is chosen in it."""
    shown = chosen(asking)
    asking.browser.fill("First name", "Zo\u00eb")
    asking.browser.choose("Yes")
    asking.browser.press(SAVE)
    assert asking.browser.heading == "Your request is saved", asking.browser.text
    return shown


def test_sending_to_another_school_of_the_same_search_deletes_nothing_saved(
    asking: Asking,
) -> None:
    first, other, *_ = ways_to_ask(asking)
    browser = asking.browser
    browser.open(first)
    saved = save_here(asking)
    browser.open(other)
    assert chosen(asking) != saved
    asking.fill_in()
    browser.choose("Email.")
    browser.press(SEND)
    assert browser.heading == SENT
    assert len(kept(asking)) == 1
    browser.open("/")
    assert FOUND in browser.text
    browser.press(GO_ON)
    assert chosen(asking) == saved
