"""The questions one by one, on the real catalog: every address tells the truth by itself."""

import pytest

from tests.integration.web.conftest import Asking
from tests.support.browser import PlainBrowser

ANSWERED = "education_level=high_school&postal_code=10940"


def test_all_steps_from_the_start_page_to_results(browser: PlainBrowser) -> None:
    browser.open("/")
    browser.follow("step by step instead")
    assert browser.heading == "What is your highest level of education?"
    assert [one for one in browser.page.all("input", type="radio") if one.has("checked")] == []
    browser.choose("Some college")
    browser.press("Continue")
    assert browser.heading == "What is your ZIP or postal code?"
    browser.fill("What is your ZIP", "k1a 0b1")
    browser.press("Continue")
    assert browser.heading == "What do you want to study?"
    browser.fill("What do you want to study?", "medical coding")
    browser.press("Search")
    browser.choose("Medical billing and coding")
    browser.press("Continue")
    assert browser.heading == "How do you want to study?"
    assert [one for one in browser.page.all("input", type="radio") if one.has("checked")] == []
    browser.choose("On campus")
    within = browser.page.one("select", id="max_distance_miles").with_text("option", "50 km")
    assert within["value"] == "31"
    browser.press("Continue")
    assert browser.heading == "Check your answers"
    assert [row.text for row in browser.page.all("dd")[::2]] == [
        "Some college",
        "K1A 0B1",
        "Medical billing and coding",
        "On campus",
    ]
    browser.follow("Show programs")
    assert browser.heading == "Programs for you"
    assert "Medical billing and coding" in browser.page.one(class_="answers").text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("education?sent=1", "Select your highest level of education"),
        ("education?sent=1&education_level=wizard", "Select your highest level of education"),
        ("place?sent=1&postal_code=nope", "Enter a US ZIP code, like 30332, or a Canadian"),
        ("place?sent=1", "Enter a US ZIP code, like 30332, or a Canadian"),
        ("place?sent=1&postal_code=00001", "We cannot find 00001. Check it, or choose your"),
        ("place?sent=1&region=ZZ", "Choose a state or province from the list"),
        ("place?sent=1&postal_code=10940&region=CA", "Your ZIP or postal code is in New York."),
        ("study?words=zzqqxx", "We did not find “zzqqxx”. Try a simpler word, like nursing, or br"),
        ("study?words=", "Type a field or a job"),
        ("study?sent=1&words=nursing", "Choose one of these, or search again"),
        ("study?sent=1&study=99.99", "no field 99.99"),
        ("format?sent=1", "Select how you want to study"),
        ("format?sent=1&format=radio", "Select how you want to study"),
    ],
)
def test_what_a_step_cannot_use_is_said_at_its_field(
    browser: PlainBrowser, address: str, words: str
) -> None:
    browser.open(f"/steps/{address}")
    assert browser.reply.status == 400
    alert = browser.page.one(role="alert")
    assert words in alert.text
    for link in alert.all("a"):
        browser.page.one(id=link["href"].removeprefix("#"))
    assert browser.page.one("title").text.startswith("Error: ")


def test_what_was_typed_wrong_is_kept(browser: PlainBrowser) -> None:
    browser.open("/steps/place?sent=1&postal_code=nope")
    assert browser.page.one("input", id="postal_code")["value"] == "nope"


def test_a_state_goes_for_a_postal_code_that_is_not_found(browser: PlainBrowser) -> None:
    browser.open("/steps/place?sent=1&education_level=high_school&postal_code=00001&region=NY")
    assert browser.heading == "What do you want to study?"
    assert "00001" not in browser.address


def test_a_change_comes_back_to_the_check_page(browser: PlainBrowser) -> None:
    browser.open(f"/steps/check?{ANSWERED}&field=51.38&format=online")
    browser.follow("Change Where you live")
    assert browser.page.one("input", id="postal_code")["value"] == "10940"
    browser.fill("What is your ZIP", "30332")
    browser.press("Continue")
    assert browser.heading == "Check your answers"
    assert "30332" in browser.text
    browser.follow("Change What to study")
    assert browser.page.one("input", value="51.38").has("checked")
    browser.follow("Not sure yet")
    assert browser.heading == "Check your answers"
    assert "Not sure yet" in browser.text


def test_a_field_can_be_browsed_for_within_the_journey(browser: PlainBrowser) -> None:
    browser.open(f"/steps/study?{ANSWERED}")
    browser.follow("Browse all fields")
    assert browser.heading == "All fields of study"
    browser.follow("Registered nursing")
    assert browser.heading == "How do you want to study?"
    assert "field=51.38" in browser.address
    assert "postal_code=10940" in browser.address


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ("", "What is your highest level of education?"),
        ("education_level=high_school", "What is your ZIP or postal code?"),
        ("education_level=magic&region=NY", "What is your highest level of education?"),
        ("education_level=high_school&region=NY&query=zzqqxx", "What do you want to study?"),
        ("education_level=high_school&region=NY&format=radio", "How do you want to study?"),
        ("education_level=high_school&postal_code=00001", "What is your ZIP or postal code?"),
    ],
)
def test_checking_asks_first_what_is_missing_or_wrong(
    browser: PlainBrowser, query: str, heading: str
) -> None:
    browser.open(f"/steps/check?{query}")
    assert browser.heading == heading


def test_a_distance_that_is_none_of_the_choices_is_not_lost(browser: PlainBrowser) -> None:
    answers = f"{ANSWERED.replace('10940', 'K1A+0B1')}&format=campus"
    browser.open(f"/steps/format?{answers}&max_distance_miles=25")
    browser.press("Continue")
    assert "On campus, Within 40 km" in browser.text
    browser.open(f"/steps/format?{answers}&max_distance_miles=99999")
    offered = browser.page.one("select", id="max_distance_miles").all("option")
    assert [one["value"] for one in offered] == ["", "15", "31", "62", "124", "248"]


def test_distance_goes_only_with_a_campus(browser: PlainBrowser) -> None:
    answers = f"{ANSWERED}&max_distance_miles=25&sent=1"
    browser.open(f"/steps/format?{answers}&format=campus")
    assert "On campus, Within 25 miles" in browser.text
    browser.open(
        f"/steps/check?{ANSWERED.replace('10940', 'K1A+0B1')}&format=campus&max_distance_miles=31"
    )
    assert "On campus, Within 50 km" in browser.text
    browser.open(f"/steps/format?{answers}&format=online")
    assert "25 miles" not in browser.text
    browser.open("/steps/format?education_level=high_school&region=NY")
    assert browser.page.all("select") == []


def test_without_a_diploma_nothing_is_asked_that_decides_nothing(browser: PlainBrowser) -> None:
    browser.open("/steps/place?education_level=no_diploma&sent=1&postal_code=10940")
    assert browser.heading == "Check your answers"
    assert "study" not in browser.page.one("dl").text.lower()


def test_every_choice_offered_finds_what_it_says(asking: Asking) -> None:
    browser = asking.browser
    for words in ("nursing", "medical billing", "computers", "welding"):
        browser.open(f"/steps/study?{ANSWERED}&words={words}")
        for choice in browser.page.all("input", name="study"):
            browser.open(f"/steps/study?{ANSWERED}&words={words}&sent=1&study={choice['value']}")
            assert browser.heading == "How do you want to study?", (words, choice["value"])


def test_steps_keep_nothing(asking: Asking) -> None:
    asking.browser.open(f"/steps/check?{ANSWERED}")
    assert asking.browser.cookies == {}
    assert asking.world.count("web_session") == 0


@pytest.mark.parametrize("words", ["not+sure", "no+s%C3%A9", "je+ne+sais+pas"])
def test_typing_that_one_is_not_sure_goes_on_without_a_field(
    browser: PlainBrowser, words: str
) -> None:
    browser.open(f"/steps/study?{ANSWERED}&words={words}")
    assert browser.heading == "How do you want to study?"


def test_who_hid_what_is_sponsored_need_not_hide_it_again(browser: PlainBrowser) -> None:
    browser.open(f"/results?{ANSWERED}&hide_sponsored=true")
    browser.follow("Change your answers")
    browser.fill("ZIP", "30332")
    browser.press("Show programs")
    assert "postal_code=30332" in browser.address
    assert "hide_sponsored=true" in browser.address
