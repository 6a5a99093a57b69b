"""Draws a results page from matches made by hand; needs a request at hand."""

from typing import Any

from service.steps.outputs import Matches
from service.web.languages import draft_note, here
from service.web.names import plain_name
from service.web.query import Query
from service.web.results import demonstration
from service.web.results_view import FieldNames, Frame, ResultsView, draw_results, results_view
from tests.support.matches import FIELD, some_matches
from tests.support.pages import Element, read_page


def view_of(matches: Matches, query: str = "") -> ResultsView:
    pairs = [tuple(pair.split("=")) for pair in query.split("&") if pair]
    names = FieldNames(plain_name, lambda cip: {"51.07": FIELD}[cip])
    return results_view("en", matches, Query([(name, value) for name, value in pairs]), names)


def draw(matches: Matches, query: str = "") -> Element:
    frame = Frame(demonstration(matches), here(), draft_note())
    return read_page(draw_results("en", view_of(matches, query), frame).decode())


def cards(*listings: Any, **changes: Any) -> list[Element]:
    return draw(some_matches(*listings, **changes)).all("article")
