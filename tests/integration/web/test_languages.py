"""The whole journey in Spanish and French: no English is left, and nothing typed is lost."""

import re
from collections.abc import Iterator
from functools import cache
from string import Formatter

import pytest
from sqlalchemy import select

from models.db.tables.requests import consent, consent_text, request
from models.domain.consent_texts import VERSIONS
from service import messages
from service.messages import text
from tests.integration.web.conftest import Asking
from tests.support.browser import PlainBrowser
from tests.support.pages import Element

TRANSLATED = ("es", "fr")
QUERY = "education_level=high_school&postal_code=10940&query=medical+records+technician"
ENGLISH = re.compile(
    r"\b(the|and|of|your|you|we|are|is|this|with|from|not|what|how|for|which|school|schools)\b",
    re.IGNORECASE,
)
# What our data say in English: titles in quotes, who published a figure.
LEAST_LETTERS = 8
QUOTED = re.compile(r"[“«][^”»]*[”»]|\(high school\)")


class Reader:
    """Reads page after page as somebody would who speaks no English."""

    def __init__(self, browser: PlainBrowser, locale: str, names: set[str]) -> None:
        self.browser, self.locale = browser, locale
        self._names = names
        self.pages = 0

    def say(self, key: str, **values: str | float) -> str:
        return text(self.locale, key, **values)

    def reads(self, key: str, **values: str | float) -> None:
        """Look at a whole page, whose heading is known."""
        page = self.browser.page
        schools = [one for part in page.all("p", class_="school") for one in part.all("strong")]
        names = sorted({*self._names, *(one.text for one in schools)}, key=len, reverse=True)
        assert page.one("html")["lang"] == self.locale
        assert self.browser.heading == self.say(key, **values)
        for words in _words(page, self.locale):
            assert not any(one.fullmatch(words) for one in _english(self.locale)), words
            plain = QUOTED.sub("", words)
            for name in names:
                plain = plain.replace(name, "")
            assert not ENGLISH.search(plain), words
        for link in page.all("a"):
            address = link["href"]
            if address.startswith("/") and not link.has("hreflang"):
                assert f"lang={self.locale}" in address, address
        self.pages += 1


def _words(element: Element, locale: str) -> Iterator[str]:
    """Every text that can be read, but for what is marked as English and who published figures."""
    for child in element.children:
        if isinstance(child, str):
            if words := " ".join(child.split()):
                yield words
        elif child.tag in {"script", "style"} or child.get("class") == "source":
            continue
        elif child.get("lang", locale) == locale:
            yield from _words(child, locale)


@cache
def _english(locale: str) -> list[re.Pattern[str]]:
    """English texts that another language says otherwise, whatever their values."""
    ours, theirs = messages.catalogue("en"), messages.catalogue(locale)
    texts = [
        words
        for key, entry in ours.items()
        if theirs.get(key, entry) != entry
        for words in ([entry] if isinstance(entry, str) else entry.values())
    ]
    return [pattern for words in texts if (pattern := _pattern(words))]


def _pattern(words: str) -> re.Pattern[str] | None:
    """What finds a text; none of a text that is mostly its values."""
    parts = [(said, ".+" if name else "") for said, name, _, _ in Formatter().parse(words)]
    letters = sum(map(str.isalpha, "".join(said for said, _ in parts)))
    if "{" in words and letters < LEAST_LETTERS:
        return None
    return re.compile("".join(re.escape(said) + value for said, value in parts))


@pytest.fixture(params=TRANSLATED)
def reader(request: pytest.FixtureRequest, asking: Asking) -> Reader:
    names = {str(one["school"]["name"]) for one in asking.world.search()["results"]}
    return Reader(asking.browser, request.param, names)


def test_the_journey_from_start_to_confirmation_says_no_word_of_english(
    reader: Reader, asking: Asking
) -> None:
    browser, say, locale = reader.browser, reader.say, reader.locale
    browser.open("/")
    browser.press(messages.LOCALES[locale])
    reader.reads("start.title")
    browser.press(say("start.submit.find"))
    reader.reads("start.title")
    assert say("error.education_empty") in browser.text
    browser.choose(say("education_level.high_school.label"))
    browser.fill(say("start.place.postal_code"), "10940")
    browser.fill(say("start.study.query"), "medical records technician")
    browser.press(say("start.submit.find"))
    reader.reads("results.title")
    browser.follow(say("results.request.here"))
    reader.reads("request.title")
    browser.press(say("request.continue"))
    reader.reads("request.title")
    assert say("error.first_name_empty") in browser.text
    browser.fill(say("request.first_name"), "Zoë")
    browser.fill(say("request.last_name"), "Example")
    browser.fill(say("request.email"), "zoe@example.com")
    browser.choose(say("request.yes"))
    browser.press(say("request.continue"))
    reader.reads("check.title")
    browser.press(say("check.send", n=1))
    reader.reads("check.title")
    browser.choose(say("channel.email"))
    browser.press(say("check.send", n=1))
    reader.reads("sent.title")
    assert reader.pages == 8
    _is_kept_as_it_was_read(asking, locale)


def _is_kept_as_it_was_read(asking: Asking, locale: str) -> None:
    """The request keeps its language; the consent the very words that stood beside the box."""
    with asking.world.engine.connect() as connection:
        [row] = connection.execute(select(request.c.locale)).all()
        [agreed] = connection.execute(
            select(consent.c.locale, consent_text.c.text).join(consent_text)
        ).all()
    assert row.locale == agreed.locale == locale
    parts = VERSIONS[-1].texts["US", locale, "email"].split("{school}")
    assert all(part in agreed.text for part in parts)


def test_the_questions_one_by_one_speak_the_language_too(reader: Reader) -> None:
    browser, say = reader.browser, reader.say
    browser.open(f"/steps/education?lang={reader.locale}")
    reader.reads("start.education.legend")
    browser.choose(say("education_level.some_college.label"))
    browser.press(say("step.continue"))
    reader.reads("step.place.title")
    browser.fill(say("step.place.title"), "K1A 0B1")
    browser.press(say("step.continue"))
    reader.reads("start.study.legend")
    browser.fill(
        say("start.study.legend"), {"es": "enfermería", "fr": "soins infirmiers"}[reader.locale]
    )
    browser.press(say("step.study.search"))
    reader.reads("start.study.legend")
    assert say("step.study.field") in browser.text
    browser.follow(say("step.study.browse"))
    reader.reads("browse.fields.title")
    browser.open(
        f"/steps/format?lang={reader.locale}&education_level=some_college&postal_code=10940"
    )
    reader.reads("step.format.title")
    browser.choose(say("step.format.online"))
    browser.press(say("step.continue"))
    reader.reads("step.check.title")


BESIDE = (
    ("/schools", "browse.regions.title"),
    ("/fields", "browse.fields.title"),
    ("/how-we-rank", "rank.title"),
    ("/privacy", "privacy.title"),
    ("/nowhere", "page.not_found.title"),
    ("/request/check", "page.expired.title"),
    (f"/results?{QUERY}&state=GU", "results.title"),
    ("/results?education_level=no_diploma&postal_code=10940", "results.title"),
)


def test_pages_beside_the_journey_speak_the_language(reader: Reader) -> None:
    for address, key in BESIDE:
        reader.browser.open(f"{address}{'&' if '?' in address else '?'}lang={reader.locale}")
        reader.reads(key)


def test_changing_the_language_keeps_what_is_typed(asking: Asking) -> None:
    browser = asking.browser
    browser.open("/")
    browser.choose("Some college")
    browser.fill("ZIP or postal code", "10940")
    browser.press("Español")
    assert browser.address == "/?lang=es&education_level=some_college&postal_code=10940"
    assert browser.page.one(id="education_level-some_college").has("checked")
    assert browser.page.one(id="postal_code")["value"] == "10940"
    assert browser.page.all(class_="error-summary") == []
    browser.press("English")
    assert browser.address == "/?lang=en&education_level=some_college&postal_code=10940"
    assert browser.heading == text("en", "start.title")


def test_changing_the_language_of_a_step_does_not_go_on(browser: PlainBrowser) -> None:
    browser.open("/steps/place?education_level=high_school")
    browser.fill(text("en", "step.place.title"), "nonsense")
    browser.press("Français")
    assert browser.heading == text("fr", "step.place.title")
    assert browser.page.one(id="postal_code")["value"] == "nonsense"
    assert browser.page.all(class_="error-summary") == []


def test_changing_the_language_of_the_request_keeps_who_one_is_and_sends_nothing(
    asking: Asking,
) -> None:
    asking.to_form()
    browser = asking.browser
    browser.fill("First name", "Zoë")
    browser.fill("Email address", "half@")
    browser.press("Español")
    assert browser.heading == text("es", "request.title")
    assert browser.page.one(id="first_name")["value"] == "Zoë"
    assert browser.page.one(id="email")["value"] == "half@"
    assert browser.page.all(class_="error-summary") == []
    assert browser.cookies == {} or "session" in browser.cookies


def test_a_box_ticked_in_one_language_is_not_ticked_in_another(asking: Asking) -> None:
    """A consent is to the words that were read: other words are to be read first."""
    asking.to_check()
    browser = asking.browser
    browser.choose("Email.")
    browser.follow("Español")
    assert browser.heading == text("es", "check.title")
    assert [one for one in browser.page.all("input", type="checkbox") if one.has("checked")] == []
    browser.press(text("es", "check.send", n=1))
    assert browser.reply.status == 422


def test_enter_in_a_field_sends_the_form_and_changes_no_language(browser: PlainBrowser) -> None:
    """The first button of a form is what Enter presses, wherever it stands on the page."""
    for address in ("/", "/steps/place"):
        browser.open(address)
        first = next(one for one in browser.page.all("button") if one.get("form") == "answers")
        assert not first.has("name")
        assert not first.has("formaction")
        assert first["tabindex"] == "-1"
        assert first["aria-hidden"] == "true"


def test_a_page_that_is_crawled_names_itself_and_its_translations(browser: PlainBrowser) -> None:
    for address in ("/", "/schools/ny", "/fields/51.07", "/schools/ny?page=2"):
        _names_its_translations(browser, address)


def _names_its_translations(browser: PlainBrowser, address: str) -> None:
    sign = "&" if "?" in address else "?"
    named = {}
    for locale in messages.LOCALES:
        browser.open(address if locale == "en" else f"{address}{sign}lang={locale}")
        page = browser.page
        own = page.one("link", rel="canonical")["href"]
        others = {one["hreflang"]: one["href"] for one in page.all("link", rel="alternate")}
        assert others[locale] == own
        assert others["x-default"] == others["en"]
        named[locale] = others
    assert named["en"] == named["es"] == named["fr"]
    assert len(set(named["en"].values())) == len(messages.LOCALES)


def test_an_address_never_leads_to_another_site(browser: PlainBrowser) -> None:
    browser.open("//elsewhere.example/?lang=es")
    for link in browser.page.all("a"):
        assert not link["href"].startswith("//")
    browser.open("/?speak=es&lang=fr&postal_code=10940")
    assert browser.address == "/?lang=es&postal_code=10940"
    browser.open("/?speak=https://elsewhere.example")
    assert browser.address == "/"
