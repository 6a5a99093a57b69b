"""Listings of a slate side by side: who pays for a place says so there too."""

import pytest

from models.domain.caps import Caps
from tests.support.browser import PlainBrowser
from tests.support.sponsors import sponsor
from tests.support.world import SEARCH, World


@pytest.fixture
def compared(world: World, browser: PlainBrowser) -> tuple[PlainBrowser, dict[str, bool]]:
    """The page that compares a sponsored listing and one that is not, and which is which."""
    results = sponsor(world, Caps(day=5), organic=True)
    paid = next(one for one in results["results"] if one["sponsored"])
    plain = next(one for one in results["results"] if not one["sponsored"])
    ids = "&".join(f"listing_id={one['listing_id']}" for one in (plain, paid))
    browser.open(f"/compare?slate_id={results['slate_id']}&{ids}")
    return browser, {one["school"]["name"]: one["sponsored"] for one in (plain, paid)}


def test_invariant_2_sponsored_stands_first_where_programs_are_compared(
    compared: tuple[PlainBrowser, dict[str, bool]],
) -> None:
    browser, sponsored = compared
    cards = browser.page.all("article")
    assert len(cards) == 2
    for card, (school, paid) in zip(cards, sponsored.items(), strict=True):
        assert school in card.text
        assert card.one("h2").text.startswith("Sponsored ") == paid
        assert len(card.all("dd")) == 5


def test_listings_are_ticked_on_their_cards(world: World, browser: PlainBrowser) -> None:
    results = world.search()
    browser.open(f"/results?education_level=high_school&postal_code={SEARCH['postal_code']}")
    form = browser.page.one("form", id="compare")
    boxes = browser.page.all("input", form="compare", name="listing_id")
    assert len(boxes) == len(browser.page.all("article")) == len(results["results"])
    slate = form.one("input", name="slate_id")["value"]
    chosen = "&".join(f"listing_id={one['value']}" for one in boxes[:4])
    browser.open(f"{form['action']}?slate_id={slate}&{chosen}")
    assert len(browser.page.all("article")) == 4


def test_a_search_is_shared_by_its_answers_alone(browser: PlainBrowser) -> None:
    browser.open("/results?education_level=high_school&postal_code=10940&query=nursing")
    browser.follow("Share this search")
    shared = browser.page.one("input", id="address")["value"]
    assert shared.endswith("/results?education_level=high_school&postal_code=10940&query=nursing")
    assert "slate_id" not in shared
    mail = browser.page.one("main").with_text("a", "Send it by email")["href"]
    assert mail.startswith("mailto:?subject=")
    assert "10940" in mail
    browser.follow("Back to the results")
    assert browser.heading == "Programs for you"


def test_taking_one_away_keeps_the_other_and_whether_it_is_sponsored(
    compared: tuple[PlainBrowser, dict[str, bool]],
) -> None:
    browser, _ = compared
    browser.follow("Remove")
    (left,) = browser.page.all("article")
    assert left.one("h2").text.startswith("Sponsored ")
