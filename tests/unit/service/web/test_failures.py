"""What goes wrong, as pages: each is drawn whole, and none says more than is known."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import messages
from service.web import failures

STATUSES = (400, 404, 405, 413, 415, 429, 500, 502, 503)
TITLED = sorted(
    key.split(".")[1]
    for key in messages.catalogue("en")
    if key.startswith("page.") and key.endswith(".text")
)


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_has_a_page_that_is_drawn(app: Flask, status: int) -> None:
    with app.test_request_context("/request", method="GET"):
        response = failures.failure_page(status)
    assert response.status_code == status
    assert "{" not in response.get_data(as_text=True)


def test_a_part_that_is_away_says_how_long_to_wait(app: Flask) -> None:
    with app.test_request_context("/request"):
        response = failures.failure_page(503, 7)
    assert response.headers["Retry-After"] == "7"
    assert "Try again in 7 seconds" in response.get_data(as_text=True)


def test_who_asks_too_often_is_told_to_press_the_button_only_where_there_is_one(app: Flask) -> None:
    with app.test_request_context("/saved", method="POST", data={"first_name": "Zo\u00eb"}):
        typed = failures.failure_page(429).get_data(as_text=True)
    with app.test_request_context("/results"):
        looked = failures.failure_page(429).get_data(as_text=True)
    again = ("press the button", 'value="Zo\u00eb"', "Try again")
    assert [words in typed for words in again] == [True] * 3
    assert [words in looked for words in again] == [False] * 3
    assert "load this page again" in looked
    assert "load this page again" not in typed


@pytest.mark.parametrize("words", TITLED)
def test_every_text_of_a_failure_can_be_said(app: Flask, words: str) -> None:
    values: dict[str, str | int] = {"n": 5, "reference": "req_1"}
    with app.test_request_context("/request"):
        shown = failures.failure(words, 400, values).get_data(as_text=True)
    assert "{" not in shown


@pytest.mark.parametrize("typed", ["\x00", "a\x00b", "\x0b\x1b", "\x85", "\ufffe", "\ufdd0"])
def test_what_html_cannot_hold_is_a_sign_that_can_be_seen(client: FlaskClient, typed: str) -> None:
    query = {"education_level": "", "query": f"nurs{typed}ing", "postal_code": typed}
    shown = client.get("/results", query_string=query).get_data(as_text=True)
    assert not any(sign in shown for sign in typed if sign not in "ab")
    assert "\ufffd" in shown


def test_line_ends_and_every_language_stay_in_a_page(client: FlaskClient) -> None:
    query = {"education_level": "", "query": "soins infirmiers \u00e9l\u00e8ve \u674e \U0001f600"}
    shown = client.get("/results", query_string=query).get_data(as_text=True)
    assert query["query"] in shown
    assert "\n" in shown
