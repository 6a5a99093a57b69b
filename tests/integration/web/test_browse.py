"""Schools by state, schools and fields, on the real catalog."""

import pytest

from tests.integration.web.conftest import Asking
from tests.support.browser import PlainBrowser
from tests.support.pages import Element

PAGES = (
    "/schools",
    "/schools/ny",
    "/schools/not-published",
    "/schools/on",
    "/fields",
    "/fields/51.07",
    "/fields/51.07/ny",
)


def number(element: Element) -> int:
    return int(element.text.split()[0].replace(",", ""))


def test_from_the_states_to_a_schools_programs(browser: PlainBrowser) -> None:
    browser.open("/schools")
    counts = [number(one) for one in browser.page.one("main").all("span", class_="soft")]
    browser.follow("New York")
    assert browser.heading == "Schools in New York"
    total = number(browser.page.all("strong")[-1])
    assert total in counts
    names = [link.text for link in browser.page.one(class_="entries").all("a")]
    assert names == sorted(names, key=str.casefold)
    assert len(names) == 100
    browser.follow(names[0])
    assert browser.heading == names[0]
    assert browser.page.all("article")


def test_every_school_of_a_state_stands_on_one_of_its_pages(browser: PlainBrowser) -> None:
    browser.open("/schools/ny")
    total = number(browser.page.all("strong")[-1])
    seen = [link["href"] for link in browser.page.one(class_="entries").all("a")]
    while browser.page.all("a", rel="next"):
        browser.follow("Next page")
        seen += [link["href"] for link in browser.page.one(class_="entries").all("a")]
    assert len(seen) == len(set(seen)) == total


def test_a_schools_pages_hold_all_its_programs_as_the_catalog_has_them(asking: Asking) -> None:
    browser, catalog = asking.browser, asking.world.serving.state().engine.catalog
    unitid = asking.unitids[0]
    row = asking.world.serving.state().engine.index.school_row[unitid]
    region = catalog.regions[catalog.region[row]].lower()
    browser.open(f"/schools/{region}/{unitid}")
    headings = [one.text for one in browser.page.all("h4")]
    while browser.page.all("a", rel="next"):
        browser.follow("Next page")
        headings += [one.text for one in browser.page.all("h4")]
    assert len(headings) == int((catalog.school == row).sum())


def test_invariant_12_each_figure_of_a_school_names_its_source(browser: PlainBrowser) -> None:
    browser.open("/fields/51.07/ny")
    browser.follow(browser.page.one(class_="entries").all("a")[0].text)
    for figures in browser.page.all("dl", class_="facts"):
        sources = browser.page.one(id=figures["aria-describedby"]).text
        assert "College Scorecard" in sources
        for figure in figures.all("dd"):
            marks = figure.all("sup")
            assert all(f"{mark.text} Figures:" in sources for mark in marks)
            assert "0" not in figure.text or figure.text[0] in "$123456789" or figure.text == "0"


def test_invariant_13_a_school_page_carries_the_warnings_of_its_programs(
    asking: Asking,
) -> None:
    browser, state = asking.browser, asking.world.serving.state()
    catalog = state.engine.catalog
    row = int((catalog.verdict == 2).argmax())
    unitid = int(catalog.unitid[catalog.school[row]])
    code = int(catalog.region[catalog.school[row]])
    region = catalog.regions[code].lower() if code >= 0 else "not-published"
    browser.open(f"/schools/{region}/{unitid}")
    told = [one.text for one in browser.page.all(class_="warning")]
    while browser.page.all("a", rel="next"):
        browser.follow("Next page")
        told += [one.text for one in browser.page.all(class_="warning")]
    low = [text for text in told if text.startswith("Low earnings")]
    rows = catalog.school == catalog.school[row]
    assert len(low) == int((catalog.verdict[rows] == 2).sum()) > 0


def test_a_field_tells_what_is_awarded_and_where(asking: Asking) -> None:
    browser, catalog = asking.browser, asking.world.serving.state().engine.catalog
    browser.open("/fields/51.07")
    assert "Health and Medical Administrative Services" in browser.text
    assert "Medical billing and coding (usually:" in browser.text
    counts = [number(cell) for cell in browser.page.all("td")]
    assert sum(counts[:-1]) == counts[-1]
    field = catalog.cips.index("51.07")
    assert counts[-1] == int((catalog.field == field).sum())
    browser.follow("New York")
    assert "in New York" in browser.heading
    assert browser.page.one(class_="entries").all("a")


def test_a_field_leads_into_the_journey_with_itself_chosen(browser: PlainBrowser) -> None:
    browser.open("/fields/51.38")
    browser.follow("Or answer step by step")
    browser.choose("Some college")
    browser.press("Continue")
    browser.fill("What is your ZIP", "10940")
    browser.press("Continue")
    assert browser.page.one("input", value="51.38").has("checked")


@pytest.mark.parametrize("address", PAGES)
def test_a_page_to_browse_names_its_one_address(browser: PlainBrowser, address: str) -> None:
    browser.open(address)
    assert browser.reply.status == 200
    assert browser.page.one("link", rel="canonical")["href"].endswith(f":8000{address}")
    assert browser.page.all("meta", name="robots") == []


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("/schools/NY", "/schools/ny"),
        ("/fields/51.07/NY", "/fields/51.07/ny"),
        ("/schools/ny?page=1", "/schools/ny"),
    ],
)
def test_other_spellings_lead_to_it(browser: PlainBrowser, address: str, leads_to: str) -> None:
    browser.open(address)
    canonical = browser.page.one("link", rel="canonical")["href"]
    assert canonical.endswith(f":8000{leads_to}")


@pytest.mark.parametrize(
    "address",
    [
        "/schools/zz",
        "/schools/aa",
        "/schools/ny?page=999",
        "/schools/ny?page=0",
        "/schools/ny?page=x",
        "/schools/ny/nothing",
        "/schools/ny/1",
        "/schools/ny/99999999999",
        "/schools/new-york",
        "/fields/99.99",
        "/fields/51",
        "/fields/51.07/zz",
        "/fields/51.07/on",
        "/fields/51.07/ny?page=50",
    ],
)
def test_what_is_not_there_is_not_found(browser: PlainBrowser, address: str) -> None:
    browser.open(address)
    assert browser.reply.status == 404
    assert browser.heading == "Page not found"


def test_a_school_is_only_in_its_own_state(browser: PlainBrowser) -> None:
    browser.open("/schools/ny")
    link = browser.page.one(class_="entries").all("a")[0]["href"]
    browser.open(link.replace("/ny/", "/ca/"))
    assert browser.reply.status == 404
