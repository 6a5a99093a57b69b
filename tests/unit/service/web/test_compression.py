"""What is sent compressed, to whom, and what never is."""

import gzip

import pytest
from flask.testing import FlaskClient

from tests.support.pages import read_page

TAKES = {"Accept-Encoding": "gzip, deflate, br"}
PAGE = "/"


def test_a_page_and_its_files_come_compressed_to_whom_takes_it(client: FlaskClient) -> None:
    plain = client.get(PAGE)
    page = read_page(plain.text)
    for address in (PAGE, *(link["href"] for link in page.all("link", rel="stylesheet"))):
        plain, packed = client.get(address), client.get(address, headers=TAKES)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
        assert "Content-Encoding" not in plain.headers
        assert {plain.headers["Vary"], packed.headers["Vary"]} == {"Accept-Encoding"}


@pytest.mark.parametrize("takes", ["", "br", "gzip;q=0", "identity"])
def test_who_takes_no_gzip_gets_the_page_as_it_is(client: FlaskClient, takes: str) -> None:
    answer = client.get(PAGE, headers={"Accept-Encoding": takes})
    assert "Content-Encoding" not in answer.headers
    assert answer.text.startswith("<!doctype html>")


def test_a_page_with_a_token_or_what_was_typed_is_never_compressed(client: FlaskClient) -> None:
    kept_by_nobody = client.get("/requests/anything", headers=TAKES)
    assert kept_by_nobody.headers["Cache-Control"] == "no-store"
    assert len(kept_by_nobody.data) > 1000
    assert "Content-Encoding" not in kept_by_nobody.headers


def test_a_short_answer_is_sent_as_it_is(client: FlaskClient) -> None:
    icon = read_page(client.get(PAGE).text).one("link", rel="icon")["href"]
    assert "Content-Encoding" not in client.get(icon, headers=TAKES).headers
    assert "Content-Encoding" not in client.head(PAGE, headers=TAKES).headers
