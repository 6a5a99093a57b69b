"""Pages of fields and occupations: guide, careers, the education question in place."""

import pytest
from flask.testing import FlaskClient

from matcher.fields import FieldIndex
from service.messages import catalogue
from tests.support.browsing import browsing_app, small_catalog
from tests.support.pages import Element, read_page
from tests.support.reading import grade


@pytest.fixture(scope="module")
def client(fields: FieldIndex, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    store = tmp_path_factory.mktemp("careers")
    return browsing_app(fields, small_catalog(store, careers=True)).test_client()


@pytest.fixture(scope="module")
def plain(fields: FieldIndex, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    store = tmp_path_factory.mktemp("plain")
    return browsing_app(fields, small_catalog(store)).test_client()


def page_at(client: FlaskClient, address: str) -> Element:
    answer = client.get(address)
    assert answer.status_code == 200
    return read_page(answer.get_data(as_text=True))


def section(page: Element, heading: str) -> Element:
    """The section that a heading names."""
    (anchor,) = [one["id"] for one in page.all("h2") if one.text == heading]
    return page.one("section", **{"aria-labelledby": anchor})


def test_each_statement_of_a_guide_leads_to_who_said_it_and_when_invariant_12(
    client: FlaskClient,
) -> None:
    page = page_at(client, "/fields/51.07")
    cited = page.all("a", class_="cite")
    assert len(cited) > 60
    for link in cited:
        source = page.one("li", id=link["href"].removeprefix("#"))
        assert source.text.startswith(link.text)
        assert link.text.split()[-1] in source.text.removeprefix(link.text)


def test_quick_facts_stand_in_a_table_of_terms(client: FlaskClient) -> None:
    facts = section(page_at(client, "/fields/51.07"), "Quick facts")
    terms = [one.text for one in facts.all("dt")]
    assert terms == [
        "Education you need",
        "Before you start",
        "How long it takes",
        "Common courses",
        "Certification",
        "Careers",
        "Median pay",
        "Job growth",
    ]
    assert "$46,660 a year in 2021 BLS 2021" in facts.text


def test_steps_into_the_career_stand_one_after_another(client: FlaskClient) -> None:
    steps = section(page_at(client, "/fields/51.07"), "Steps into the career").one("ol").all("li")
    assert len(steps) == 5
    assert steps[0].text.startswith("Earn a high school diploma or GED")
    assert steps[4].text.startswith("Keep your certification")


def test_what_each_credential_of_the_field_contains(client: FlaskClient) -> None:
    education = section(page_at(client, "/fields/51.07"), "Education")
    parts = [one.text for one in education.all("h3")]
    assert parts[1:4] == ["Certificate", "Diploma", "Associate degree"]
    assert "Billing and coding." in education.text


def test_certification_says_who_offers_it_what_it_asks_and_how_it_is_renewed(
    client: FlaskClient,
) -> None:
    certified = section(page_at(client, "/fields/51.07"), "Certification after the program")
    terms = [one.text for one in certified.all("dt")]
    assert terms[:3] == ["Who offers it", "What it asks", "Renewal"]
    assert "AHIMA" in certified.text
    assert "You must keep learning to renew it" in certified.text


def test_the_nature_of_the_work_its_environment_and_its_pay_over_the_years(
    client: FlaskClient,
) -> None:
    page = page_at(client, "/fields/51.07")
    work = section(page, "The work")
    assert "At a desk in a quiet office" in work.text
    years = section(page, "Pay and jobs over the years")
    assert [one.text for one in years.all("dt")][:2] == ["2021", "2018"]


@pytest.mark.parametrize("form", ["ask-first", "ask-last"])
def test_the_education_question_stands_at_both_ends_with_the_field_chosen(
    client: FlaskClient, form: str
) -> None:
    asked = page_at(client, "/fields/51.07").one("form", **{"aria-labelledby": form})
    assert (asked["method"], asked["action"]) == ("get", "/results")
    assert asked.one("input", name="field")["value"] == "51.07"
    values = [one["value"] for one in asked.walk() if one.get("value") and one.tag != "input"]
    radios = [one["value"] for one in asked.all("input", type="radio")]
    assert len(values or radios) == 8
    assert not [one for one in asked.walk() if one.has("checked") or one.has("selected")]
    labels = {one["for"] for one in asked.all("label")}
    assert asked.one("input", name="postal_code")["id"] in labels


def test_the_question_comes_first_and_last(client: FlaskClient) -> None:
    order = [one.get("id") for one in page_at(client, "/fields/51.07").one("main").all("h2")]
    assert order[0] == "ask-first"
    assert order[-1] == "ask-last"


def test_without_a_diploma_a_ged_comes_first(client: FlaskClient) -> None:
    page = page_at(client, "/fields/51.07")
    link = page.one("section", **{"aria-labelledby": "ged"}).one("a")
    assert link["href"] == "/steps/place?education_level=no_diploma"
    adult = page_at(client, "/fields/53.02")
    assert adult.all("section", **{"aria-labelledby": "ged"}) == []


def test_each_specialty_leads_to_its_programs(client: FlaskClient) -> None:
    page = page_at(client, "/fields/51.07")
    links = page.one("section", **{"aria-labelledby": "specialties"}).all("a")
    assert "Medical billing and coding" in [one.text for one in links]
    for link in links:
        assert link["href"].startswith("/steps/education?query=")


def test_a_field_says_what_it_leads_to_where_a_file_says_so_invariant_12(
    client: FlaskClient,
) -> None:
    career = section(page_at(client, "/fields/51.07"), "Where it can lead")
    assert [one.text for one in career.all("h3")] == [
        "Medical Records Specialists",
        "Medical Assistants",
    ]
    first, second = career.all("dl")
    assert [one.text for one in first.all("dd")] == ["$50,250", "7.1% more", "14,200"]
    assert "Job growth 2024\u20132034" in first.text
    assert [one.text for one in second.all("dd")][2] == "Not available"
    assert "2024\u20132034: 9% more. About 126,500 openings" in career.text
    source = career.one("p", id="career-source").text
    for words in ("an invented bureau", "file of 2026", "CC-BY-4.0", "2024\u20132034"):
        assert words in source


def test_a_field_says_nothing_of_careers_that_no_file_speaks_of(
    client: FlaskClient, plain: FlaskClient
) -> None:
    for page in (page_at(client, "/fields/11.01"), page_at(plain, "/fields/51.07")):
        assert "Where it can lead" not in page.text
        assert page.all(id="career-source") == []
    assert plain.get("/careers").status_code == 404
    assert plain.get("/careers/29-2072").status_code == 404


def test_together_is_said_only_where_the_file_says_it(client: FlaskClient) -> None:
    career = section(page_at(client, "/fields/51.38"), "Where it can lead")
    assert "together" not in career.text


def test_a_field_without_a_guide_shows_what_is_known_and_no_more(client: FlaskClient) -> None:
    page = page_at(client, "/fields/11.01")
    assert page.all("a", class_="cite") == []
    assert "Sources of this guide" not in page.text
    assert "What is awarded" in page.text
    assert "an invented source, 2026" in page.text


def test_what_is_on_the_page_can_be_jumped_to(client: FlaskClient) -> None:
    page = page_at(client, "/fields/51.07")
    links = page.one("nav", **{"aria-labelledby": "contents"}).all("a")
    assert len(links) == 10
    for link in links:
        assert page.one("h2", id=link["href"].removeprefix("#")).text == link.text


def test_an_occupation_shows_its_figures_and_the_fields_that_lead_to_it(
    client: FlaskClient,
) -> None:
    page = page_at(client, "/careers/31-9092")
    assert page.one("h1").text == "Medical Assistants"
    assert [one.text for one in page.all("dd")] == ["$44,200", "12.5% more", "Not available"]
    links = [one["href"] for one in page.one("main").all("a")]
    assert links == ["/careers", "/fields/51.07", "/fields/51.38"]


def test_all_occupations_stand_in_one_list(client: FlaskClient) -> None:
    page = page_at(client, "/careers")
    links = page.one("ul", class_="columns").all("a")
    assert [one.text for one in links] == ["Medical Assistants", "Medical Records Specialists"]
    assert page.one("link", rel="canonical")["href"].endswith("/careers")


def test_all_fields_lead_to_all_occupations_where_there_are_any(
    client: FlaskClient, plain: FlaskClient
) -> None:
    for one, leads in ((client, True), (plain, False)):
        links = [link["href"] for link in page_at(one, "/fields").one("main").all("a")]
        assert ("/careers" in links) == leads


@pytest.mark.parametrize("address", ["/careers/99-9999", "/careers/292072", "/careers/29-2072x"])
def test_an_occupation_that_nobody_knows_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_words_beside_guides_can_be_read_by_eighth_graders() -> None:
    ours = [
        text
        for key, text in catalogue("en").items()
        if key.startswith(("guide.", "career.")) and isinstance(text, str) and len(text) > 40
    ]
    assert ours
    assert grade(ours) <= 8
