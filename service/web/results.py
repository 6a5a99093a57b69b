"""The results page: a search, or one more page of a slate; no session, nothing personal."""

from functools import partial

from flask import Response, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError
from service.api.v1.reader import Reader
from service.api.v1.schemas import SearchSchema
from service.flask_app import PageResponse
from service.steps.find_matches import find_matches
from service.steps.outputs import Matches
from service.web.failures import no_such_page, slate_gone
from service.web.languages import draft_note, here
from service.web.moulds import Html
from service.web.names import official_name, plain_name
from service.web.notes import notes
from service.web.pages import locale, services, visitor
from service.web.problems import Problems, messages_of, problems_of
from service.web.query import ANSWERS, Query
from service.web.results_view import FieldNames, Frame, draw_results, results_view
from service.web.start import draw_start

_NAMES = FieldNames(plain_name, official_name)
_SEARCH = Reader(SearchSchema())
_ASKED = frozenset({*ANSWERS, "slate_id", "field"})


def results() -> Response | Redirect:
    """Draw the results, or the start form again with what is wrong."""
    args = request.args
    typed = Query(args.items(multi=True))
    if _ASKED.isdisjoint(args):
        return redirect(url_for("web.start"))
    drawn, used = _search(typed)
    if not isinstance(drawn, Problems):
        return PageResponse(drawn)
    if drawn.keys() == {"page"}:
        return no_such_page(used.without("page").url())
    if "slate_id" in typed and "education_level" not in typed:
        return slate_gone()
    drawn.pop("page", None)  # not asked for on the form; other answers have other pages
    return draw_start(typed, drawn, 400)


def _draw(language: str, found: Matches, query: Query) -> Html:
    view = results_view(language, found, query, _NAMES)
    return draw_results(language, view, Frame(demonstration(found), here(), draft_note()))


def _search(typed: Query) -> tuple[Html | Problems, Query]:
    """Search with what can be used, and draw what is found.

    What a link carries beside the answers (a slate that has ended, an order we do not know) is
    left out when it cannot be used; the answers themselves are never changed, only asked again,
    and a page that is not there is not another one.
    """
    query, language = typed, locale()
    while True:
        try:
            asked = _SEARCH.load({**query.payload(), "locale": language})
            draw = partial(_draw, language, query=query)
            return find_matches(services(), asked, visitor(), draw), query
        except (ValidationError, InvalidInputError) as error:
            problems = problems_of(messages_of(error))
        smaller = _without_what_fails(query, problems)
        if smaller is None:
            return problems, query
        query = smaller


def demonstration(matches: Matches) -> tuple[str, ...]:
    """What must be said while anything here, or anything that serves, is a demonstration."""
    return notes("demonstration", matches.notes)


def _without_what_fails(query: Query, problems: Problems) -> Query | None:
    """Leave out what can be left out; None when the student must mend something."""
    failing = {"filters": ("credential_level", "state", "control", "cip")}
    names = [name for problem in problems for name in failing.get(problem, (problem,))]
    spare = [name for name in names if name in query and name not in (*ANSWERS, "page")]
    # Somebody whose postal code was not found may have chosen a state below it.
    if "postal_code" in problems and "postal_code" in query and "region" in query:
        spare.append("postal_code")
    return query.without(*spare) if spare else None
