"""Where a results page leads: paging, narrowing, removing, changing."""

import pytest

from models.domain.matching import FacetOption, Filters, Note, Sort
from service.steps.outputs import ShownField
from tests.support.drawing import draw
from tests.support.matches import a_listing, shown, some_matches

CROSS = " \u00d7"
pytestmark = pytest.mark.usefixtures("asked")


def test_paging_stays_on_the_slate_that_was_drawn() -> None:
    found = draw(
        some_matches(shown(a_listing()), page=2, pages=3), "education_level=high_school&page=2"
    )
    previous, following = found.one("nav", class_="paging").all("a")
    for link, number in ((previous, 1), (following, 3)):
        assert f"page={number}" in link["href"]
        assert "slate_id=slt_" in link["href"]
    assert found.one("ol", class_="cards")["start"] == "21"


def test_narrowing_tells_how_many_each_option_leaves_and_draws_anew() -> None:
    found = draw(
        some_matches(shown(a_listing())),
        "education_level=high_school&slate_id=slt_1&page=3&control=public",
    )
    form = found.one("form", id="refine")
    assert form["method"] == "get"
    assert form.with_text("label", "Public (3)")["for"] == "control-public"
    assert form.one("input", id="control-public").has("checked")
    kept = {hidden["name"] for hidden in form.all("input", type="hidden")}
    assert kept == {"education_level"}


def test_six_options_stand_open_and_the_rest_behind_see_more() -> None:
    states = tuple(
        FacetOption(code, 9) for code in ("NY", "NJ", "CT", "PA", "MA", "VT", "ME", "RI")
    )
    form = draw(some_matches(shown(a_listing()), facets={"states": states})).one(
        "form", id="refine"
    )
    more = form.one("details")
    assert len(more.all("input")) == 2
    assert len(form.all("input", type="checkbox")) == 8
    assert not more.has("open")


def test_a_chosen_option_behind_see_more_is_in_sight() -> None:
    states = tuple(
        FacetOption(code, 9) for code in ("NY", "NJ", "CT", "PA", "MA", "VT", "ME", "RI")
    )
    matches = some_matches(
        shown(a_listing()), facets={"states": states}, filters=Filters(states=("RI",))
    )
    assert draw(matches, "state=RI").one("form", id="refine").one("details").has("open")


def test_each_filter_can_be_removed_by_itself() -> None:
    found = draw(
        some_matches(shown(a_listing()), max_distance_miles=50),
        "education_level=high_school&control=public&state=NY&cip=51.07&max_distance_miles=50&slate_id=slt_1",
    )
    chips = {chip.text.removesuffix(CROSS): chip["href"] for chip in found.all("a", class_="chip")}
    assert (
        chips["Remove: Public"]
        == "/results?education_level=high_school&state=NY&cip=51.07&max_distance_miles=50"
    )
    assert "max_distance" not in chips["Remove: Within 50 miles"]
    assert "Remove: New York" in chips
    assert chips["Remove all"] == "/results?education_level=high_school"


@pytest.mark.parametrize("code", ["postal_code_not_on_map", "distance_needs_postal_code"])
def test_a_distance_that_cannot_be_measured_is_no_filter_in_force(code: str) -> None:
    said = Note(code, {"postal_code": "09001"})
    found = draw(
        some_matches(shown(a_listing()), max_distance_miles=25, advice=(said,), on_map=False),
        "education_level=high_school&max_distance_miles=25",
    )
    assert found.all("a", class_="chip") == []
    assert ("09001 has no place on a map" in found.text) == (code == "postal_code_not_on_map")


def test_what_counts_is_told_for_the_order_that_was_chosen() -> None:
    for sort in Sort:
        text = draw(some_matches(shown(a_listing()), sort=sort)).text
        assert ("What counts: the order that you chose" in text) == (sort is not Sort.RELEVANCE)
        assert ("What counts: whether the program fits" in text) == (sort is Sort.RELEVANCE)


def test_what_is_known_of_formats_is_said_once() -> None:
    plain = draw(some_matches(shown(a_listing()))).text
    assert "No source tells yet whether these programs are online or on campus" in plain
    unknown = some_matches(shown(a_listing()), advice=(Note("format_not_published"),))
    assert draw(unknown).text.count("No source tells yet whether these programs") == 1
    values = {"known": 3, "total": 9}
    mostly = Note("format_mostly_not_published", values)
    some = draw(some_matches(shown(a_listing()), format_known=3, advice=(mostly,))).text
    assert some.count("Programs whose format is published: 3 of 9.") == 1
    assert "We know how" not in some


def test_distance_is_offered_only_where_it_can_be_told() -> None:
    for on_map in (False, True):
        found = draw(some_matches(shown(a_listing()), on_map=on_map))
        assert bool(found.all("select", name="max_distance_miles")) is on_map
        sorts = [one["value"] for one in found.one("select", name="sort").all("option")]
        assert ("distance" in sorts) is on_map


def test_several_fields_are_offered_one_by_one() -> None:
    fields = (ShownField("51.07", "Health administration"), ShownField("51.38", "Nursing"))
    found = draw(
        some_matches(shown(a_listing()), fields=fields), "education_level=high_school&query=health"
    )
    assert (
        found.with_text("a", "Nursing")["href"]
        == "/results?education_level=high_school&field=51.38"
    )


def test_nothing_found_says_what_to_do() -> None:
    found = draw(
        some_matches(advice=(Note("diploma_first"),)),
        "education_level=high_school&query=x&state=NY",
    )
    panel = found.one(class_="notice")
    assert "No programs found" in panel.text
    assert "need a diploma or GED first" in panel.text
    assert [link["href"] for link in panel.all("a")] == [
        "/results?education_level=high_school&query=x",
        "/results?education_level=high_school&state=NY",
        "/?education_level=high_school&query=x&state=NY",
    ]


def test_ids_on_a_page_are_unique() -> None:
    found = draw(some_matches(*(shown(a_listing(n)) for n in range(1, 21))))
    ids = [element["id"] for element in found.walk() if element.has("id")]
    assert len(ids) == len(set(ids))
