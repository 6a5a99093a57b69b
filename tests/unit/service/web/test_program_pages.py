"""Pages of programs and schools, and programs side by side, on an invented catalog."""

import json
import re
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from matcher import describe
from matcher.catalog import Catalog
from matcher.fields import FieldIndex
from models.domain.ids import Prefix, show
from service.web.bars import Amount, draw_bars
from tests.support.browsing import PUBLIC_URL, browsing_app, small_catalog
from tests.support.matches import SLATE_ID
from tests.support.pages import Element, read_page


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return small_catalog(tmp_path_factory.mktemp("programs"), careers=True)


@pytest.fixture(scope="module")
def client(fields: FieldIndex, catalog: Catalog) -> FlaskClient:
    return browsing_app(fields, catalog).test_client()


def page_at(client: FlaskClient, address: str) -> Element:
    answer = client.get(address, follow_redirects=True)
    assert answer.status_code == 200, address
    return read_page(answer.get_data(as_text=True))


def address_of(catalog: Catalog, row: int) -> str:
    """An address that leads to the program's own."""
    one = describe.program(catalog, row)
    state = describe.school(catalog, int(catalog.school[row])).state
    tail = one.id.partition(".")[2]
    return f"/schools/{(state or 'not-published').lower()}/{one.unitid}/{tail}"


def rows_where(catalog: Catalog, *, earnings: bool, debt: bool) -> list[int]:
    fits = (np.isnan(catalog.earnings) != earnings) & (np.isnan(catalog.debt) != debt)
    return [int(row) for row in np.flatnonzero(fits)]


def data_of(page: Element) -> list[dict[str, Any]]:
    return [json.loads(one.text) for one in page.all("script", type="application/ld+json")]


def test_a_program_shows_its_figures_with_source_and_year_invariant_12(
    client: FlaskClient, catalog: Catalog
) -> None:
    row = rows_where(catalog, earnings=True, debt=True)[0]
    page = page_at(client, address_of(catalog, row))
    figures = page.one("dl", class_="facts")
    assert f"${catalog.earnings[row]:,.0f}" in figures.text
    assert f"${catalog.debt[row]:,.0f}" in figures.text
    assert "an invented source" in page.one(id=figures["aria-describedby"]).text
    assert "Earnings and debt cover only students with federal aid." in page.text


def test_earnings_stand_against_debt_as_a_chart_whose_table_says_the_same(
    client: FlaskClient, catalog: Catalog
) -> None:
    row = rows_where(catalog, earnings=True, debt=True)[0]
    page = page_at(client, address_of(catalog, row))
    chart = page.one("svg", class_="bars")
    assert chart["role"] == "img"
    assert page.one("title", id=chart["aria-labelledby"]).text == "Earnings and debt"
    drawn = [one.text for one in chart.all("text", class_="figure")]
    cells = [one.text for one in page.one("table").all("td")]
    assert drawn == cells
    assert cells == [
        f"${amount:,.0f}"
        for amount in (catalog.earnings[row], catalog.threshold[row], catalog.debt[row])
    ]
    lengths = [float(one["width"]) for one in chart.all("rect")]
    assert lengths[2] / lengths[0] == pytest.approx(
        float(catalog.debt[row] / catalog.earnings[row]), abs=0.01
    )


def test_what_is_not_published_has_no_bar_and_says_so_invariant_12(
    client: FlaskClient, catalog: Catalog
) -> None:
    row = rows_where(catalog, earnings=False, debt=True)[0]
    page = page_at(client, address_of(catalog, row))
    assert len(page.one("svg", class_="bars").all("rect")) == 1
    assert [one.text for one in page.one("table").all("td")][:2] == ["Not available"] * 2
    neither = rows_where(catalog, earnings=False, debt=False)[0]
    assert page_at(client, address_of(catalog, neither)).all("svg", class_="bars") == []


def test_a_program_carries_its_warnings_invariant_13(client: FlaskClient, catalog: Catalog) -> None:
    below = int((catalog.verdict == 2).argmax())
    above = int((catalog.verdict == 1).argmax())
    shown = page_at(client, address_of(catalog, below)).all("p", class_="warning")
    assert any(one.text.startswith("Low earnings") for one in shown)
    other = page_at(client, address_of(catalog, above)).all("p", class_="warning")
    assert not any(one.text.startswith("Low earnings") for one in other)


def test_a_program_leads_to_others_of_its_school_nearest_in_field_first(
    client: FlaskClient, catalog: Catalog
) -> None:
    row = rows_where(catalog, earnings=True, debt=True)[0]
    page = page_at(client, address_of(catalog, row))
    others = page.one("section", **{"aria-labelledby": "others"})
    links = [one["href"] for one in others.all("a")]
    school = describe.school(catalog, int(catalog.school[row]))
    assert all(f"/{school.unitid}-" in link for link in links)
    assert not any(
        link.endswith(describe.program(catalog, row).id.partition(".")[2]) for link in links
    )
    cips = [int(re.findall(r"/([0-9]{4})\.[^/]*$", link)[0]) for link in links[:-1]]
    order = [catalog.cips.index(f"{cip // 100:02d}.{cip % 100:02d}") for cip in cips]
    apart = [abs(field - int(catalog.field[row])) for field in order]
    assert apart == sorted(apart)


@pytest.mark.parametrize("ending", ["", "-any-name-at-all"])
def test_a_program_has_one_address(client: FlaskClient, catalog: Catalog, ending: str) -> None:
    row = rows_where(catalog, earnings=True, debt=True)[0]
    parts = address_of(catalog, row).split("/")
    answer = client.get("/".join([*parts[:3], parts[3] + ending, parts[4]]))
    assert answer.status_code == 301
    page = page_at(client, answer.headers["Location"])
    canonical = page.one("link", rel="canonical")["href"]
    assert canonical == f"{PUBLIC_URL}{answer.headers['Location']}"


def test_an_old_id_leads_to_the_program_of_today(client: FlaskClient, catalog: Catalog) -> None:
    row = int((catalog.format == 2).argmax())
    old = address_of(catalog, row).replace(".online.", ".-.")
    if describe.row_of(catalog, _id_at(old)) == row:
        assert client.get(old).headers["Location"].endswith(".online.-")


def _id_at(address: str) -> str:
    unitid, tail = address.split("/")[3:5]
    return f"prog_{unitid}.{tail}"


def test_what_is_no_program_is_not_found(client: FlaskClient, catalog: Catalog) -> None:
    address = address_of(catalog, 0)
    state = address.split("/")[2]
    elsewhere = address.replace(f"/{state}/", "/ak/")
    for wrong in (f"{address}x", elsewhere, address.rpartition("/")[0] + "/9999.2.-.-"):
        assert client.get(wrong).status_code == 404, wrong


def test_a_school_shows_where_it_is_only_as_well_as_it_is_known(
    client: FlaskClient, catalog: Catalog
) -> None:
    told = ("official list", "We know its city", "We know its state", "No source says where")
    for code, words in enumerate(told):
        school = int((catalog.place_precision == code).argmax())
        shown = describe.school(catalog, school)
        state = (shown.state or "not-published").lower()
        page = page_at(client, f"/schools/{state}/{shown.unitid}")
        where = page.one("section", **{"aria-labelledby": "where"})
        assert words in where.text
        maps = [one["href"] for one in where.all("a")]
        assert bool(maps) == (code == 0)
        for link in maps:
            latitude, longitude = re.findall(r"m(?:lat|lon)=(-?[0-9.]+)", link)
            x, y, _ = catalog.xyz[school].tolist()
            assert float(longitude) == pytest.approx(np.degrees(np.arctan2(y, x)), abs=1e-3)
            assert 20 < float(latitude) < 60
        data = data_of(page)[0]
        assert ("geo" in data) == (code == 0)


def test_a_school_shows_earnings_against_debt_of_its_programs(
    client: FlaskClient, catalog: Catalog
) -> None:
    row = rows_where(catalog, earnings=True, debt=True)[0]
    shown = describe.school(catalog, int(catalog.school[row]))
    page = page_at(client, f"/schools/{(shown.state or 'not-published').lower()}/{shown.unitid}")
    money = page.one("section", **{"aria-labelledby": "money"})
    drawn = [one.text for one in money.all("text", class_="figure")]
    assert drawn == [one.text for one in money.one("table").all("td")]
    assert drawn


def test_programs_of_a_school_can_be_ticked_and_compared(
    client: FlaskClient, catalog: Catalog
) -> None:
    shown = describe.school(catalog, int(catalog.school[0]))
    page = page_at(client, f"/schools/{(shown.state or 'not-published').lower()}/{shown.unitid}")
    boxes = page.all("input", name="program")
    assert len(boxes) == len(page.all("h4"))
    query = "&".join(f"program={one['value']}" for one in boxes[:3])
    compared = page_at(client, f"/compare?{query}")
    assert len(compared.all("article")) == 3
    named = [one.text for one in page.all("h4")]
    assert [one.text for one in page.all("label") if one.text.startswith("Compare")] == [
        f"Compare : {title}" for title in named
    ], "read out by itself, each box says which program it is of"
    assert [one.text for one in compared.one("div", class_="compared").all("h2")] == named[:3]


def test_titles_that_are_english_are_read_out_as_english(
    client: FlaskClient, catalog: Catalog
) -> None:
    row = rows_where(catalog, earnings=True, debt=True)[0]
    one, school = describe.program(catalog, row), describe.school(catalog, int(catalog.school[row]))
    at = f"/schools/{(school.state or 'not-published').lower()}/{school.unitid}"
    program, compared = f"{at}/{one.id.partition('.')[2]}", f"/compare?program={one.id}&"
    for path, tag in ((f"{program}?", "h1"), (compared, "h2"), (f"{at}?", "th")):
        shown = page_at(client, f"{path}lang=es").all(tag)
        marked = [span.text for each in shown for span in each.all("span", lang="en")]
        assert one.title in marked, path


def test_at_most_four_stand_side_by_side_each_with_figures_and_sources(
    client: FlaskClient, catalog: Catalog
) -> None:
    ids = [describe.program(catalog, row).id for row in range(0, 600, 100)]
    query = "&".join(f"program={one}" for one in (*ids[:2], ids[0], *ids[2:]))
    page = page_at(client, f"/compare?{query}")
    cards = page.all("article")
    assert [card["aria-labelledby"] for card in cards] == [one.replace(".", "-") for one in ids[:4]]
    assert "Only the first 4 programs are shown." in page.text
    for card in cards:
        assert len(card.all("dd")) == 5
        assert "an invented source" in card.text
        left = card.with_text("a", "Remove")["href"]
        assert left.count("program=") == 3
        assert card["aria-labelledby"].replace("-", ".") not in left.replace("-", ".")
    assert page.one("meta", name="robots")["content"] == "noindex"


def test_comparing_nothing_says_how_to_choose(client: FlaskClient) -> None:
    page = page_at(client, "/compare")
    assert "Tick programs" in page.text
    assert client.get("/compare?program=prog_1.5107.2.-.-").status_code == 404
    gone = show(Prefix.SLATE, SLATE_ID)
    assert client.get(f"/compare?slate_id={gone}&listing_id=x").status_code == 404


def test_warnings_stand_beside_what_is_compared_invariant_13(
    client: FlaskClient, catalog: Catalog
) -> None:
    below = int((catalog.verdict == 2).argmax())
    page = page_at(client, f"/compare?program={describe.program(catalog, below).id}")
    assert "Low earnings" in page.one("article").text


def test_search_engines_are_told_what_the_page_says_and_no_more_invariant_12(
    client: FlaskClient, catalog: Catalog
) -> None:
    row = rows_where(catalog, earnings=True, debt=True)[0]
    page = page_at(client, address_of(catalog, row))
    program, way = data_of(page)
    school = describe.school(catalog, int(catalog.school[row]))
    assert program["@type"] == "EducationalOccupationalProgram"
    assert program["name"] == page.one("h1").text
    assert program["provider"]["name"] == school.name
    assert program["provider"].get("address", {}).get("addressRegion") == school.state
    assert [one["item"] for one in way["itemListElement"]][-1] == (
        page.one("link", rel="canonical")["href"]
    )
    field, _ = data_of(page_at(client, "/fields/51.07"))
    assert (field["@type"], field["termCode"]) == ("DefinedTerm", "51.07")
    work, _ = data_of(page_at(client, "/careers/29-2072"))
    assert work["@type"] == "Occupation"
    assert work["estimatedSalary"]["median"] == 50250.0


def test_a_name_cannot_break_out_of_the_data(
    fields: FieldIndex, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = "</script><script>alert(1)</script> & \u201cFriends\u201d"
    catalog = small_catalog(tmp_path_factory.mktemp("names"), names=[name])
    shown = describe.school(catalog, 0)
    client = browsing_app(fields, catalog).test_client()
    page = page_at(client, f"/schools/{(shown.state or 'not-published').lower()}/{shown.unitid}")
    ours, *data = [one.get("type") for one in page.all("script")]
    assert (ours, data) == ("", ["application/ld+json"] * 2)
    assert data_of(page)[0]["name"] == name


def test_bars_share_one_scale_and_long_labels_are_cut() -> None:
    chart = draw_bars(
        [
            ("A" * 80, [Amount("earnings", 50_000.0, "$50,000"), Amount("debt", 0.0, "$0")]),
            ("B", [Amount("debt", None, "Not available")]),
            ("C", [Amount("debt", 25_000.0, "$25,000")]),
        ]
    )
    assert chart is not None
    assert [group.label for group in chart.groups] == ["A" * 39 + "\u2026", "C"]
    first, second = chart.groups
    assert second.bars[0].length == pytest.approx(first.bars[0].length / 2, abs=0.1)
    assert first.bars[1].length == 1
    # The longest leaves room for its figure and no more.
    assert 0.7 * chart.width < first.bars[0].length < 0.8 * chart.width
    tops = [bar.y for group in chart.groups for bar in group.bars]
    assert tops == sorted(tops)
    assert tops[-1] + chart.thick < chart.height + 5
    assert draw_bars([("B", [Amount("debt", None, "")])]) is None
