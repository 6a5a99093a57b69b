"""What holds for each page: nothing from elsewhere, nothing inline, its own headers."""

import gzip
import re
import tomllib
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from models.domain.ids import Prefix, show
from service import web
from service.web.assets import assets
from tests.support.matches import SLATE_ID
from tests.support.pages import Element, read_page

PAGES = ("/", "/how-we-rank", "/sources", "/privacy", "/results?education_level=&postal_code=")
ROOT = Path(web.__file__).parents[2]


@pytest.fixture(params=PAGES)
def page(client: FlaskClient, request: pytest.FixtureRequest) -> Element:
    return read_page(client.get(request.param).get_data(as_text=True))


def test_a_page_runs_one_script_of_ours_and_carries_none_and_no_style_of_its_own(
    page: Element,
) -> None:
    [script] = page.all("script")
    assert script["src"] == f"/assets/{assets()['script'].name}"
    assert script.has("defer")
    assert script.text == ""
    assert page.all("style") == []
    assert [one for one in page.walk() if one.has("style")] == []
    assert [name for one in page.walk() for name in one.attributes if name.startswith("on")] == []


def test_a_page_loads_nothing_from_elsewhere(page: Element) -> None:
    named = [link for link in page.all("link") if link["rel"] in {"canonical", "alternate"}]
    for element in [*page.all("link"), *page.all("img")]:
        if element in named:
            continue  # said, not loaded
        assert (element.get("href") or element.get("src")).startswith("/assets/")


def test_a_page_has_one_first_heading_a_language_and_a_way_past_the_header(page: Element) -> None:
    assert len(page.all("h1")) == 1
    assert page.one("html")["lang"] == "en"
    assert page.one("a", class_="skip")["href"] == "#" + page.one("main")["id"]


def test_every_field_has_a_label(page: Element) -> None:
    labels = {label["for"] for label in page.all("label")}
    fields = [field for tag in ("input", "select") for field in page.all(tag)]
    assert [
        field.get("id")
        for field in fields
        if field.get("type") != "hidden" and field.get("id") not in labels
    ] == []


def test_a_page_may_use_nothing_but_its_own_style_sheet_and_script(client: FlaskClient) -> None:
    headers = client.get("/").headers
    assert "; script-src 'self'; connect-src 'self'" in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    elsewhere = client.get("/no-such-page").headers["Content-Security-Policy"]
    assert "default-src 'none'" in elsewhere
    assert "script" not in elsewhere, "a page without the script may run none"


def test_pages_that_keep_nothing_set_no_cookie(client: FlaskClient) -> None:
    for address in PAGES:
        assert "Set-Cookie" not in client.get(address).headers


def test_the_style_sheet_is_small_and_kept_for_a_year(client: FlaskClient, page: Element) -> None:
    response = client.get(page.one("link", rel="stylesheet")["href"])
    assert response.status_code == 200
    assert "immutable" in response.headers["Cache-Control"]
    assert len(gzip.compress(response.data)) < 15 * 1024
    assert b"url(" not in response.data
    assert b"@import" not in response.data


def test_the_script_is_small_and_kept_for_a_year(client: FlaskClient, page: Element) -> None:
    response = client.get(page.one("script")["src"])
    assert response.content_type == "text/javascript; charset=utf-8"
    assert "immutable" in response.headers["Cache-Control"]
    assert len(gzip.compress(response.data)) < 4 * 1024


def test_an_asset_nobody_made_is_not_found(client: FlaskClient) -> None:
    assert client.get("/assets/nothing.css").status_code == 404


def test_every_dataset_in_notice_stands_on_the_sources_page_and_the_other_way_round(
    client: FlaskClient,
) -> None:
    notice = (ROOT / "NOTICE").read_text()
    rows = re.findall(r"^\| (?!dataset|---)(.+) \|$", notice, flags=re.MULTILINE)
    told = tomllib.loads((ROOT / "service/web/datasets.toml").read_text())["dataset"]
    kept = [
        " | ".join(row[name] for name in ("name", "source", "vintage", "licence", "changes"))
        for row in told
    ]
    assert kept == rows
    page = read_page(client.get("/sources").get_data(as_text=True))
    labels = ("Source ", "Edition ", "License ", "What we change ")
    shown = [section.text for section in page.all("section")]
    for label in labels:
        shown = [text.replace(f" {label}", " ", 1) for text in shown]
    assert shown == [row.replace(" | ", " ") for row in rows]


def test_asking_without_a_session_or_a_slate_leads_to_the_start(client: FlaskClient) -> None:
    assert client.get("/request").headers["Location"] == "/"


def test_checking_what_was_never_typed_says_that_it_is_gone(client: FlaskClient) -> None:
    slate_id = show(Prefix.SLATE, SLATE_ID)
    response = client.get(f"/request/check?slate_id={slate_id}")
    assert response.status_code == 410
    page = read_page(response.get_data(as_text=True))
    assert "two hours after your last visit" in page.text
    assert page.with_text("a", "Ask again")["href"] == f"/request?slate_id={slate_id}"


def test_a_request_of_another_browser_is_not_shown(client: FlaskClient) -> None:
    assert client.get(f"/requests/{show(Prefix.REQUEST, SLATE_ID)}").status_code == 403
    assert client.get("/requests/anything").status_code == 403


def test_sending_without_a_form_token_sends_nothing_and_says_what_to_do(
    client: FlaskClient,
) -> None:
    response = client.post("/request/check", data={"slate_id": "slt_1", "key": "k"})
    assert response.status_code == 410
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", ["style", "script", "icon"])
def test_an_assets_name_is_its_content(kind: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{16}\.(css|js|svg)", assets()[kind].name)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_speaks_the_language_of_its_address_and_says_that_it_is_a_draft(
    client: FlaskClient, address: str
) -> None:
    def read(language: str) -> tuple[str, bool]:
        page = read_page(client.get(f"{address}{sign}lang={language}").text)
        return page.one("html")["lang"], bool(page.all(class_="draft"))

    sign = "&" if "?" in address else "?"
    asked = ("es", "es_MX", "fr-CA", "FR")
    assert [read(one) for one in asked] == [(one[:2].lower(), True) for one in asked]
    assert [read(one) for one in ("en", "en-US", "xx", "")] == [("en", False)] * 4
