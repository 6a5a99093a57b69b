"""The first page, and what it says to answers that cannot be used."""

import pytest
from flask.testing import FlaskClient

from models.domain.levels import EducationLevel
from tests.support.pages import Element, read_page


def get(client: FlaskClient, address: str, status: int = 200) -> Element:
    response = client.get(address)
    assert response.status_code == status
    return read_page(response.get_data(as_text=True))


def test_one_form_asks_for_education_place_and_field_and_leads_to_results(
    client: FlaskClient,
) -> None:
    form = get(client, "/").one("main").one("form")
    assert (form["action"], form["method"]) == ("/results", "get")
    names = {field["name"] for tag in ("input", "select") for field in form.all(tag)}
    assert names == {"education_level", "postal_code", "region", "query"}


def test_no_education_is_chosen_for_the_student_and_each_says_what_opens(
    client: FlaskClient,
) -> None:
    radios = get(client, "/").all("input", type="radio")
    assert [radio["value"] for radio in radios] == list(EducationLevel)
    assert not any(radio.has("checked") for radio in radios)
    page = get(client, "/")
    for radio in radios:
        assert page.one(id=radio["aria-describedby"]).text


def test_it_says_who_pays_and_what_is_shared_and_when(client: FlaskClient) -> None:
    page = get(client, "/")
    assert "supported by advertising" in page.one("header").text
    assert "Some schools pay us" in page.text
    assert "A search sends your answers to no one." in page.text


def test_an_empty_form_is_told_what_to_do_field_by_field(client: FlaskClient) -> None:
    page = get(client, "/results?education_level=&postal_code=&region=&query=", 400)
    title = page.one("title").text
    assert title == "Error: Find college programs that fit you \u2013 schoolmatch"
    links = page.one(role="alert").all("a")
    assert [link.text for link in links] == [
        "Select your highest level of education",
        (
            "Enter a US ZIP code, like 30332, or a Canadian postal code, like K1A 0B1, "
            "or choose your state or province"
        ),
    ]
    for link in links:
        assert page.one(id=link["href"].removeprefix("#")).tag == "input"
    wrong = page.one("input", id="postal_code")
    assert wrong["aria-invalid"] == "true"
    assert "Error:" in page.one(id="postal_code-error").text


@pytest.mark.parametrize(
    "code", ["1094", "\u0661\u0660\u0669\u0664\u0660", "x" * 100_000, "10940\x00", "K1A 0B"]
)
def test_a_postal_code_in_the_wrong_form_is_explained_and_kept(
    client: FlaskClient, code: str
) -> None:
    response = client.get(
        "/results",
        query_string={"education_level": "high_school", "postal_code": code, "query": "nursing"},
    )
    assert response.status_code == 400
    page = read_page(response.get_data(as_text=True))
    assert "like 30332" in page.one(role="alert").text
    assert page.one("input", id="query")["value"] == "nursing"
    assert page.one("input", id="education_level-high_school").has("checked")
    assert page.one("input", id="postal_code")["value"].replace("\ufffd", "\x00") == code


def test_a_hundred_kilobytes_of_study_are_refused_with_the_limit(client: FlaskClient) -> None:
    response = client.get(
        "/results",
        query_string={
            "education_level": "high_school",
            "postal_code": "10940",
            "query": "a" * 100_000,
        },
    )
    assert response.status_code == 400
    assert "Use 200 characters or fewer" in response.get_data(as_text=True)


def test_an_education_nobody_offers_is_asked_again(client: FlaskClient) -> None:
    page = get(client, "/results?education_level=wizard&postal_code=10940", 400)
    assert "Select your highest level of education" in page.one(role="alert").text


def test_results_without_any_answer_lead_to_the_form(client: FlaskClient) -> None:
    response = client.get("/results?utm_source=x")
    assert (response.status_code, response.headers["Location"]) == (302, "/")


def test_answers_can_be_changed_from_the_results(client: FlaskClient) -> None:
    page = get(client, "/?education_level=bachelor&region=ON&query=law")
    assert page.one("input", id="education_level-bachelor").has("checked")
    assert page.one("select", id="region").one("option", value="ON").has("selected")
    assert page.one("details").has("open")
    assert page.one("input", id="query")["value"] == "law"


def test_military_regions_are_not_offered_as_places_to_study(client: FlaskClient) -> None:
    codes = {option["value"] for option in get(client, "/").all("option")}
    assert {"NY", "ON", "PR"} <= codes
    assert not {"AA", "AE", "AP"} & codes
