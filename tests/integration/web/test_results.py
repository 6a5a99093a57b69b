"""The results page on the real catalog."""

import pytest

from tests.integration.web.conftest import Asking
from tests.integration.web.keepers import Counting
from tests.support.browser import PlainBrowser
from tests.support.pages import Element

ADDRESS = "/results?education_level=high_school&postal_code=10940&query=medical+records+technician"


def cards(browser: PlainBrowser) -> list[Element]:
    return browser.page.all("article")


def test_from_the_start_form_to_results_in_one_submit(asking: Asking) -> None:
    browser = asking.browser
    browser.open("/")
    browser.choose("High school diploma or GED")
    browser.fill("ZIP or postal code", "10940")
    browser.fill("Field of study", "medical records technician")
    browser.press("Show programs")
    assert browser.heading == "Programs for you"
    assert len(cards(browser)) == 20
    assert "programs found" in browser.text


def test_results_need_no_session_and_keep_nothing_personal(asking: Asking) -> None:
    asking.to_results()
    assert asking.browser.cookies == {}
    assert asking.world.count("web_session") == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("postal_code=00001", "We cannot find 00001. Check it, or choose your state or province"),
        ("query=zzqqxx", "We did not find \u201czzqqxx\u201d. Try a simpler word, like nursing"),
        ("postal_code=", "Enter a US ZIP code, like 30332"),
        ("education_level=", "Select your highest level of education"),
    ],
)
def test_what_cannot_be_understood_says_what_to_do(
    browser: PlainBrowser, change: str, words: str
) -> None:
    name, _, value = change.partition("=")
    answers = {
        "education_level": "high_school",
        "postal_code": "10940",
        "query": "nursing",
        name: value,
    }
    browser.open("/results?" + "&".join(f"{key}={value}" for key, value in answers.items()))
    assert browser.reply.status == 400
    assert words in browser.page.one(role="alert").text


@pytest.mark.parametrize(
    "code", ["10940-1234", "K1A0B1", "k1a+0b1", "%20 10940 ", "\uff11\uff10\uff19\uff14\uff10"]
)
def test_postal_codes_are_taken_however_they_are_typed(browser: PlainBrowser, code: str) -> None:
    browser.open(
        f"/results?education_level=high_school&postal_code={code.replace(' ', '%20')}&query=nursing"
    )
    assert browser.reply.status == 200
    assert cards(browser)


def test_a_state_stands_in_for_a_postal_code_that_is_not_found(browser: PlainBrowser) -> None:
    browser.open("/results?education_level=high_school&postal_code=00001&region=NY&query=nursing")
    assert browser.reply.status == 200
    assert "New York" in browser.page.one(class_="answers").text


def test_the_second_page_goes_on_where_the_first_ended(browser: PlainBrowser) -> None:
    browser.open(ADDRESS)
    first = [card.one("h3")["id"] for card in cards(browser)]
    schools = {card.one(class_="school").text for card in cards(browser)}
    browser.follow("Next page")
    assert browser.reply.status == 200
    second = [card.one("h3")["id"] for card in cards(browser)]
    assert not set(first) & set(second)
    assert len(schools) > 5
    assert browser.page.one("ol", class_="cards")["start"] == "21"


def test_narrowing_leaves_what_the_count_promised(browser: PlainBrowser) -> None:
    browser.open(ADDRESS)
    label = next(one.text for one in browser.page.all("label") if one.text.startswith("Public"))
    count = int(label.split("(")[1].rstrip(")").replace(",", ""))
    browser.choose("Public")
    browser.press("Show results")
    assert browser.page.one("p", class_="count").text.startswith(f"{count:,} program")


def test_a_slate_that_ended_is_drawn_anew_from_the_answers(browser: PlainBrowser) -> None:
    browser.open(f"{ADDRESS}&slate_id=slt_00000000000000000000000000&page=2")
    assert browser.reply.status == 200
    assert browser.page.one("ol", class_="cards")["start"] in {"1", "21"}


@pytest.mark.parametrize(
    "spare",
    [
        "sort=magic",
        "format=radio",
        "state=ZZ",
        "cip=99.99",
        "max_distance_miles=-1",
        "hide_sponsored=perhaps",
        "field=nope",
    ],
)
def test_what_a_link_carries_beside_the_answers_never_breaks_it(
    browser: PlainBrowser, spare: str
) -> None:
    browser.open(f"{ADDRESS}&{spare}")
    assert browser.reply.status == 200


def test_without_a_diploma_nothing_here_takes_requests(asking: Asking) -> None:
    asking.browser.open("/results?education_level=no_diploma&postal_code=10940")
    assert asking.browser.reply.status == 200
    assert "Ask for information" not in asking.browser.text


def test_every_level_has_results_without_a_field(browser: PlainBrowser) -> None:
    for level in (
        "still_in_high_school",
        "some_college",
        "associate",
        "bachelor",
        "master",
        "doctorate",
    ):
        browser.open(f"/results?education_level={level}&region=ON")
        assert browser.reply.status == 200, level
        assert cards(browser), level


def test_the_wrong_method_is_told_with_what_is_allowed(browser: PlainBrowser) -> None:
    browser._go("POST", "/results", [])
    assert browser.reply.status == 405
    assert "GET" in browser.reply.header("Allow")
    assert browser.heading == "This page cannot be used that way"


def test_a_page_that_is_not_there_is_told_kindly(browser: PlainBrowser) -> None:
    browser.open("/nowhere")
    assert browser.reply.status == 404
    assert browser.heading == "Page not found"


def test_a_link_to_a_slate_alone_that_ended_says_that_it_is_gone(browser: PlainBrowser) -> None:
    browser.open("/results?slate_id=slt_00000000000000000000000000")
    assert browser.reply.status == 404
    assert browser.heading == "These results are gone"


@pytest.mark.parametrize("number", ["-1", "0", "1000000000", "19999", "two", "1.5"])
def test_a_page_of_results_that_is_not_there_is_not_found(
    browser: PlainBrowser, number: str
) -> None:
    browser.open(f"{ADDRESS}&page={number}")
    assert browser.reply.status == 404
    assert "no such page of results" in browser.text
    browser.follow("Go to the first page of results")
    assert browser.reply.status == 200
    assert len(cards(browser)) == 20


def test_a_page_that_is_not_there_is_not_written_down_as_looked_at(asking: Asking) -> None:
    asking.to_results()
    slate = asking.browser.page.one("a", rel="next")["href"].replace("page=2", "page=9999")
    slates = Counting(asking)
    with slates:
        asking.browser.open(slate)
    assert asking.browser.reply.status == 404
    assert slates.kept == 0


def test_a_mistake_in_the_answers_counts_before_one_in_the_page(browser: PlainBrowser) -> None:
    browser.open("/results?education_level=&postal_code=10940&page=-1")
    assert browser.reply.status == 400
    told = [link.text for link in browser.page.one(role="alert").all("a")]
    assert told == ["Select your highest level of education"]


def test_a_form_asked_for_beyond_the_last_page_offers_the_first(asking: Asking) -> None:
    asking.to_form()
    slate = asking.browser.page.one("input", name="slate_id")["value"]
    asking.browser.open(f"/request?slate_id={slate}&page=9999")
    assert asking.browser.reply.status == 200
    assert len(asking.browser.page.all("input", name="listing_ids")) >= 6
