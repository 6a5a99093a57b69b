"""The site's search: fields, occupations, schools and pages, from a box on every page."""

import pytest
from flask.testing import FlaskClient

from matcher.fields import FieldIndex
from tests.support.browsing import browsing_app, small_catalog
from tests.support.pages import Element, read_page


@pytest.fixture(scope="module")
def client(fields: FieldIndex, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    store = tmp_path_factory.mktemp("search")
    return browsing_app(fields, small_catalog(store, careers=True)).test_client()


def found(client: FlaskClient, words: str) -> Element:
    answer = client.get("/search", query_string={"q": words})
    assert answer.status_code == 200
    return read_page(answer.get_data(as_text=True)).one("main")


def group(page: Element, name: str) -> list[tuple[str, str]]:
    section = page.one("section", **{"aria-labelledby": name})
    return [(one.text, one["href"]) for one in section.all("a")]


@pytest.mark.parametrize("address", ["/", "/fields/51.07", "/careers", "/nothing-here", "/search"])
def test_one_box_on_each_page_asks_without_script(client: FlaskClient, address: str) -> None:
    page = read_page(client.get(address).get_data(as_text=True))
    form = page.one("form", role="search")
    assert (form["method"], form["action"]) == ("get", "/search")
    box = form.one("input", name="q")
    assert form.one("label", **{"for": box["id"]}).text == "Search this site"


def test_a_school_is_found_by_its_name_with_slips_and_without_accents(
    client: FlaskClient,
) -> None:
    words, url = group(found(client, "universite du qebec rimouski"), "schools")[0]
    assert words == "Universit\u00e9 du Qu\u00e9bec \u00e0 Rimouski"
    assert client.get(url).status_code == 200


def test_fields_specialties_and_occupations_are_found(client: FlaskClient) -> None:
    page = found(client, "medical records specialist")
    assert ("/fields/51.07") in [url for _, url in group(page, "fields")]
    assert group(page, "occupations")[0] == ("Medical Records Specialists", "/careers/29-2072")


def test_pages_and_states_are_found_by_their_names(client: FlaskClient) -> None:
    assert group(found(client, "new york"), "pages")[0] == ("Schools in New York", "/schools/ny")
    assert group(found(client, "privacy"), "pages")[0][1] == "/privacy"
    assert group(found(client, "how do we rank"), "pages")[0][1] == "/how-we-rank"


def test_what_fits_best_comes_first(client: FlaskClient) -> None:
    kinds = [one["id"] for one in found(client, "Middlesex Community College").all("h2")]
    assert kinds[0] == "schools"
    kinds = [one["id"] for one in found(client, "Medical Records Institute").all("h2")]
    assert kinds[:2] == ["schools", "fields"]
    kinds = [one["id"] for one in found(client, "nursing").all("h2")]
    assert kinds[0] == "fields"


def test_what_was_typed_stands_in_the_box_and_in_nothing_else_unescaped(
    client: FlaskClient,
) -> None:
    typed = '"><script>alert(1)</script>'
    answer = client.get("/search", query_string={"q": typed}).get_data(as_text=True)
    assert "<script>" not in answer
    assert read_page(answer).one("input", name="q")["value"] == typed


@pytest.mark.parametrize("words", ["", "   ", "zzqqxxjjkk"])
def test_nothing_found_says_where_to_look(client: FlaskClient, words: str) -> None:
    page = found(client, words)
    assert page.all("section") == []
    links = [one["href"] for one in page.all("a")]
    assert links == ["/fields", "/schools", "/"]


def test_a_search_is_kept_out_of_search_engines(client: FlaskClient) -> None:
    page = read_page(client.get("/search?q=nursing").get_data(as_text=True))
    assert page.one("meta", name="robots")["content"] == "noindex"
    assert page.all("link", rel="canonical") == []


@pytest.mark.parametrize("words", ["\x00\x01", "\ud7ff" * 5000, "%s" * 200, "'; DROP TABLE x"])
def test_odd_words_break_nothing(client: FlaskClient, words: str) -> None:
    found(client, words)
