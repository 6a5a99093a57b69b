"""What every page needs: the services, the visitor's language, the words, the frame."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from flask import Response, current_app, g, make_response, render_template, request, url_for

from models.domain.errors import UnavailableError
from service import messages
from service.messages.formats import DEFAULT_LOCALE
from service.services import Services
from service.steps.inputs import Visitor
from service.web.moulds import writable

_ENGLISH_ROOMS = frozenset({"staff", "school", "operator"})


def services() -> Services:
    """What the wiring put together."""
    found: Services = current_app.extensions["schoolmatch"]
    return found


def locale() -> str:
    """The visitor's language: the one asked for in the address, where we have it."""
    found: str | None = g.get("locale")  # a page says hundreds of things; it is found out once
    if found is None:
        found = g.locale = _asked()
    return found


def _asked() -> str:
    """The language in the address; the rooms of staff speak English only."""
    args = request.args
    # get() makes an HTTP error inside for each name that is not there.
    if "lang" not in args or request.blueprint in _ENGLISH_ROOMS:
        return DEFAULT_LOCALE
    language = args["lang"].lower().replace("_", "-").partition("-")[0]
    return language if language in messages.LOCALES else DEFAULT_LOCALE


def offered() -> Mapping[str, str]:
    """The languages that a page can be read in, each with its own name."""
    mine = request.blueprint in _ENGLISH_ROOMS
    return {DEFAULT_LOCALE: messages.LOCALES[DEFAULT_LOCALE]} if mine else messages.LOCALES


def t(key: str, **values: str | float | Decimal) -> str:
    """Say something in the visitor's language."""
    return messages.text(locale(), key, **values)


def visitor() -> Visitor:
    """Who asks, as far as the connection tells."""
    environ = request.environ
    return Visitor(
        address=request.remote_addr or "",
        user_agent=environ.get("HTTP_USER_AGENT", "")[:400],
        privacy_control=environ.get("HTTP_SEC_GPC") == "1",
    )


def page(template: str, status: int = 200, **values: Any) -> Response:
    """Draw a page; its frame says "Error:" when there are problems, and what is a demonstration.

    What was typed and HTML cannot hold stands there as a sign that can be seen and taken out.
    """
    values.setdefault("problems", {})
    if "demonstration" not in values:
        values["demonstration"] = demonstration_now()
    return make_response(writable(render_template(template, **values)), status)


def draw_macro(template: str, name: str, /, *values: Any) -> str:
    """Draw a macro of a template."""
    context: dict[str, Any] = {}
    current_app.update_template_context(context)
    module = current_app.jinja_env.get_template(template).make_module(context)
    return str(getattr(module, name)(*values))


@cache
def path_of(endpoint: str) -> str:
    """The path of a page that is always at the same one, found out once."""
    return url_for(endpoint, lang=None)


def demonstration_now() -> list[str]:
    """What must be said on every page while what serves is a demonstration."""
    try:
        codes = services().serving.state().demonstrates
    except UnavailableError:
        return []
    return [t(f"demonstration.{code}") for code in codes]


def private(response: Response) -> Response:
    """Keep a page with what somebody typed out of every cache."""
    response.headers["Cache-Control"] = "no-store"
    return response
