"""What is filled says, byte for byte, what drawing the template anew would say."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from flask import render_template
from markupsafe import escape

from models.domain.levels import EducationLevel, Format
from models.domain.matching import FacetOption, Filters, Note, RequestChannel, School
from service.steps.outputs import ShownField
from service.web.asked import Link, Meant
from service.web.cards import Card
from service.web.facts import Figure, Source, Sources
from service.web.moulds import NOTHING, Html, Mould, as_html, as_markup
from service.web.pages import draw_macro
from service.web.refine import Group, Kept, Option, Refine
from service.web.results_view import (
    Frame,
    Narrowed,
    Paging,
    Paying,
    Told,
    draw_results,
)
from tests.support.drawing import cards, view_of
from tests.support.matches import a_listing, shown, some_matches

pytestmark = pytest.mark.usefixtures("asked")

HOSTILE = "Bobby\"><script>alert('1')</script>\ue0000\ue001\ue002{{ 7 * 7 }} & {name} \x07 College"
SAFE = escape(HOSTILE.replace("\x07", "\ufffd"))
SITE = "https://x.edu/?a=1&b=2"
FIGURES, SOURCES = Html(b"<div><dt>A</dt></div>"), Html(b"<b>Figures</b>")


def drawer(template: str, name: str) -> Callable[..., str]:
    return lambda *views: draw_macro(template, name, *views)


def in_templates(value: Any) -> Any:
    """A view as a template that is drawn anew takes it: texts as they were before escaping."""
    if isinstance(value, bytes):
        drawn = as_markup(Html(value))
        return drawn if "<" in drawn else drawn.unescape()
    if isinstance(value, tuple):
        inner = [in_templates(one) for one in value]
        return type(value)(*inner) if hasattr(value, "_fields") else tuple(inner)
    return value


def anew(draw: Callable[..., str], *views: Any) -> bytes:
    """What the template says itself, without moulds."""
    return draw(*map(in_templates, views)).replace("\x07", "\ufffd").encode()


def test_a_card_of_every_form_is_the_card_that_the_template_draws() -> None:
    draw = drawer("parts/card.html", "card")
    mould = Mould(draw, Card)
    forms = product(
        (False, True),
        ("", "Online"),
        ((), ("one",), ("<one>", "two")),
        (NOTHING, FIGURES),
        (False, True),
        ("", "5 miles"),
        ("", "Ask"),
        ((), ("Near & new",)),
        RequestChannel,
    )
    for placed, way, few, figures, paid, near, ask, reasons, request in forms:
        card = Card(
            id=as_html("lst_1_a"),
            sponsored=paid,
            fictional=paid,
            credential=as_html("Award"),
            title=as_html("Title & use"),
            format=as_html(way),
            school=as_html(HOSTILE),
            place=as_html("Ohio"),
            placed=placed,
            control=as_html("Public"),
            near=as_html(near),
            warnings=tuple(map(as_html, few)),
            ask_title=as_html(ask),
            figures=figures,
            sources=SOURCES if figures else NOTHING,
            badges=tuple(map(as_html, few)),
            reasons=tuple(map(as_html, reasons)),
            organic_place=as_html("Place 3" * paid),
            request=request,
            link_url=as_html("/r?a=1&b=2"),
        )
        assert mould.draw("en", card) == anew(draw, card)


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("figure_line", Figure("Debt", as_html("$7"), missing=False, mark="a")),
        ("figure_line", Figure("<Price>", as_html("Not <available>"), missing=True, mark="")),
        ("sources_named", Sources((Source("a", "Figures: <A>."), Source("b", "Figures: B.")))),
        ("sources_named", Sources((Source("", "Figures: A."),))),
    ],
)
def test_a_figure_is_the_one_that_the_template_draws(name: str, view: Any) -> None:
    draw = drawer("parts/facts.html", name)
    assert Mould(draw, type(view)).draw("en", view) == anew(draw, view)


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("choice_box", Option("state", "NY", "New <York>", as_html("1,234"), chosen=True)),
        ("facet", Group("States", Html(b"<b>1</b>"), Html(b"<i>2</i>"), rest_chosen=True)),
        ("facet", Group("States", Html(b"<b>1</b>"), NOTHING, rest_chosen=False)),
        (
            "refine",
            Refine(
                (Kept("query", '"><b>'), Kept("field", "51.07")),
                Html(b"<select></select>"),
                Html(b"<fieldset></fieldset>"),
            ),
        ),
    ],
)
def test_the_panel_is_the_one_that_the_template_draws(name: str, view: Any) -> None:
    draw = drawer("parts/refine.html", name)
    assert Mould(draw, type(view)).draw("en", view) == anew(draw, view)


LINKS = (Link("A & B", "/results?a=1&b=2"), Link("<C>", "/results?c=3"))


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("meant", Meant("", ())),
        ("meant", Meant("Results for “<b>”", LINKS)),
        ("paying", Paying("None", "", "")),
        ("paying", Paying("One & all", "/results?hide=1&x=2", "")),
        ("paying", Paying("One", "", "/results?x=2")),
        ("narrowed", Narrowed((), "")),
        ("narrowed", Narrowed(LINKS, "/results?a=1&b=2")),
        ("told", Told(())),
        ("told", Told(("<One>", "Two"))),
        ("pages", Paging("", "", "")),
        ("pages", Paging("Page 1 of 2", "", "/results?page=2&a=1")),
        ("pages", Paging("Page 2 of 2", "/results?page=1", "")),
    ],
)
def test_a_part_is_the_one_that_the_template_draws_and_always_there(name: str, view: Any) -> None:
    draw = drawer("parts/found.html", name)
    drawn = Mould(draw, type(view)).draw("en", view)
    assert drawn == anew(draw, view)
    assert drawn  # a part that may be missing would double the forms that a page has


@pytest.mark.parametrize(
    ("changes", "query"),
    [
        ({}, ""),
        ({"notes": (Note("simulated_ranker"), Note("fictional_sponsors"))}, "page=2"),
        ({"page": 2, "pages": 3}, "education_level=high_school&query=<b>"),
        ({"education_level": EducationLevel.NO_DIPLOMA}, "query=%00%22"),
        ({"education_level": EducationLevel.STILL_IN_HIGH_SCHOOL, "query": None}, "field=51.07"),
        ({"hide_sponsored": True, "format": Format.ONLINE}, "max_distance_miles=25"),
        ({"fields": (ShownField("51.07", "A & B"), ShownField("51.08", "C"))}, "state=NY&state=NJ"),
        ({"facets": {"states": tuple(FacetOption(s, 9) for s in ("NY", "NJ", "PA"))}}, "state=NY"),
        ({"filters": Filters(states=("NY",)), "advice": (Note("diploma_first"),)}, "state=NY"),
    ],
)
@pytest.mark.parametrize("found", [False, True])
def test_a_page_of_every_form_is_the_page_that_the_template_draws(
    changes: dict[str, Any], query: str, found: bool
) -> None:
    listings = [shown(a_listing(1)), shown(a_listing(2, sponsored=True))] if found else []
    view = view_of(some_matches(*listings, **changes), query)
    told = ("One & one",) if "notes" in changes else ()
    drawn = render_template(
        "results.html", view=in_templates(view), demonstration=told, here="/results?", problems={}
    )
    for _ in range(2):  # drawn and cut, then only filled
        assert draw_results("en", view, Frame(told, "/results?", "")).decode() == drawn


def test_a_hostile_title_or_name_is_only_ever_text() -> None:
    school = School(7, HOSTILE, "NY", "public", HOSTILE, None)
    listing = a_listing(1, school=school, reasons=(Note("near_you", {"miles": 1.0}),))
    for channel in RequestChannel:
        [card] = cards(shown(listing, channel))
        assert card.all("script") == []
        assert HOSTILE.replace("\x07", "\ufffd") in card.text


def test_words_kept_for_a_program_are_used_only_while_it_is_the_same() -> None:
    before, after = a_listing(1), a_listing(1, warnings=(Note("no_completers_reported"),))
    for listing in (before, after, before):
        [card] = cards(shown(listing))
        assert len(card.all(class_="warning")) == len(listing.warnings)


def test_what_html_cannot_hold_is_shown_as_a_sign() -> None:
    view = view_of(some_matches(shown(a_listing()), query=HOSTILE), "")
    drawn = draw_results("en", view, Frame((), "/results?", "")).decode()
    assert "\x07" not in drawn
    assert SAFE in drawn
