"""Draws a results page from matches made by hand; needs a request at hand."""

from typing import Any

from service.steps.outputs import Matches
from service.web.names import plain_name
from service.web.pages import page
from service.web.query import Query
from service.web.results import demonstration
from service.web.results_view import FieldNames, results_view
from tests.support.matches import FIELD, some_matches
from tests.support.pages import Element, read_page


def draw(matches: Matches, query: str = "") -> Element:
    pairs = [tuple(pair.split("=")) for pair in query.split("&") if pair]
    names = FieldNames(plain_name, lambda cip: {"51.07": FIELD}[cip])
    view = results_view(matches, Query([(name, value) for name, value in pairs]), names)
    response = page("results.html", view=view, demonstration=demonstration(matches))
    return read_page(response.get_data(as_text=True))


def cards(*listings: Any, **changes: Any) -> list[Element]:
    return draw(some_matches(*listings, **changes)).all("article")
