"""The frame: the questions, checked where they stand, and the way on to the results."""

from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for

from matcher.geography import read_postal_code
from models.domain.errors import InvalidInputError, UnavailableError
from models.domain.ids import Prefix, read
from models.domain.levels import EducationLevel
from models.domain.publisher import Publisher
from service.messages.names import region_name
from service.steps.read_answers import knows_no_field
from service.web.asked import show_postal_code
from service.web.names import plain_name
from service.web.pages import locale, page, services, t, visitor
from service.web.problems import Problems
from service.web.query import ANSWERS, Query
from service.web.stepping import problems_with
from service.widget.files import script_url, style_url
from service.widget.look import Look, read_look

# What a form of the frame carries on, beside the answers.
_LOOKS = ("theme", "accent", "lang")
_KINDLY = {
    "no_diploma": "widget.on.no_diploma",
    "still_in_high_school": "widget.on.still_in_high_school",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The frame as it was asked for; ``own_field``: the reader chooses, not the article."""

    query: Query
    look: Look
    looks: dict[str, str]
    sent: bool
    own_field: bool

    @classmethod
    def now(cls) -> "Asked":
        """Read the request at hand."""
        args = request.args
        looks = {name: args[name] for name in _LOOKS if args.get(name)}
        query = Query(args.items(multi=True)).anew
        if query.get("field") not in services().fields.cips:
            query = query.without("field")
        look = read_look(looks.get("theme", ""), looks.get("accent", ""))
        return cls(query, look, looks, args.get("sent") == "1", args.get("own_field") == "1")

    def url(self, query: Query, **more: str) -> str:
        """The frame's address for other answers, in the same look."""
        pairs: dict[str, Any] = {**dict(query), **self.looks, **more}
        return url_for("widget.frame", **pairs)


def frame() -> Response:
    """Draw the questions, what is wrong with the answers, or the way on."""
    asked, publisher = Asked.now(), _publisher()
    if publisher is None:
        return _framed(page("widget/closed.html", 404, **_frame(asked)), ("*",))
    if not asked.sent:
        return _framed(_draw(asked, Problems()), publisher.origins)
    services().slates.admit(visitor().address)
    problems = _problems(asked.query).in_order(ANSWERS)
    shown = _draw(asked, problems) if problems else _lead_on(asked)
    return _framed(shown, publisher.origins)


def _publisher() -> Publisher | None:
    """The publisher whose page this is for; None when we show nothing there."""
    try:
        publisher_id = read(Prefix.PUBLISHER, request.args.get("publisher_id", ""))
        found = services().serving.state().publishers.get(publisher_id)
    except (InvalidInputError, UnavailableError):
        return None
    return found if found and found.active else None


def _problems(query: Query) -> Problems:
    without = query.without("query") if knows_no_field(query.get("query")) else query
    return problems_with(without, (*ANSWERS, "field"))


def _draw(asked: Asked, problems: Problems) -> Response:
    query = asked.query
    mine = (*ANSWERS, "field")
    looks = [(name, value) for name, value in asked.looks.items() if name != "lang"]
    kept = [*query.without(*mine), *looks, ("sent", "1")]
    return page(
        "widget/questions.html",
        400 if problems else 200,
        problems=problems,
        values={name: query.get(name) for name in ANSWERS},
        education_levels=[str(level) for level in EducationLevel],
        kept=kept,
        field=query.get("field"),
        field_name=plain_name(query.get("field")) if "field" in query else "",
        other_field_url=asked.url(query.without("field"), own_field="1"),
        takes_field=not (asked.own_field or asked.sent or "field" in query),
        full_url=query.url("web.start"),
        **_frame(asked),
    )


def _lead_on(asked: Asked) -> Response:
    """Say what the answers open, and lead to the results, beside the publisher's page."""
    query = asked.query
    level = query.get("education_level")
    return page(
        "widget/found.html",
        level=t(f"education_level.{level}.label"),
        opens=t(_KINDLY.get(level, f"education_level.{level}.opens")),
        near=t("results.near", place=_place(query)),
        field_name=plain_name(query.get("field")) if "field" in query else query.get("query"),
        results_url=query.url(),
        change_url=asked.url(query),
        **_frame(asked),
    )


def _place(query: Query) -> str:
    """The place as people write it, however it was typed; it was checked."""
    if "postal_code" not in query:
        return region_name(locale(), query.get("region").strip().upper())
    return show_postal_code(read_postal_code(query.get("postal_code")).text)


def _frame(asked: Asked) -> dict[str, Any]:
    return {
        "theme": str(asked.look.theme),
        "style_url": style_url(asked.look),
        "script_url": script_url(),
        "rank_url": url_for("web.how_we_rank"),
        "start_url": url_for("web.start"),
    }


def _framed(response: Response, by: tuple[str, ...]) -> Response:
    """Let some sites frame a page, and the page use its own files and nothing else."""
    response.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {' '.join(by)}",
        )
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
