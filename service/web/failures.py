"""Pages for what goes wrong: each says what happened and what to do, and nothing it cannot know."""

from collections.abc import Mapping

from flask import Response, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from models.domain.errors import UnavailableError
from service.web.pages import page, private, t

# What each status says; any other is "broken" when it is ours, "bad_request" when it is not.
_WORDS = {
    404: "not_found",
    405: "wrong_method",
    413: "too_large",
    429: "too_many",
    503: "unavailable",
}
RETRY_SECONDS = 5


def failure(
    words: str, status: int, values: Mapping[str, str | int] | None = None, /, **links: str
) -> Response:
    """Draw a page that says what went wrong.

    Args:
        words: the page's name among the texts.
        status: what the answer's status is.
        values: what the text's names stand for.
        links: where the page leads, besides the start.
    """
    shown = page(
        "failure.html",
        status,
        heading=t(f"page.{words}.title"),
        words=t(f"page.{words}.text", **(values or {})),
        **links,
    )
    return private(shown)


def failure_page(status: int, retry_after: int | None = None) -> Response:
    """The page for a status."""
    words = _WORDS.get(status, "broken" if status >= 500 else "bad_request")
    wait = retry_after or RETRY_SECONDS
    response = failure(words, status, {"n": wait})
    if status in {429, 503}:
        response.headers["Retry-After"] = str(wait)
    return response


def http_failure(error: HTTPException) -> Response:
    """The page for an HTTP error, with the headers it must carry, such as ``Allow``."""
    response = failure_page(error.code or 500)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def away(error: UnavailableError) -> Response:
    """The page for a part of the service that is away."""
    return failure_page(503, error.retry_after)


def slate_gone() -> Response:
    """The results that a link names are not kept any more."""
    return failure("slate_gone", 404)


def expired() -> Response:
    """What was typed is gone; the results are still there to ask from again."""
    slate_id = request.values.get("slate_id", "")
    links = {}
    if slate_id:
        links = {
            "continue_url": url_for("web.request_form", slate_id=slate_id),
            "continue_label": t("page.expired.continue"),
        }
    return failure("expired", 410, **links)


def elsewhere() -> Response:
    """A request that this browser did not send, or not lately."""
    return failure("elsewhere", 403)


def form_token_failed(error: CSRFError) -> Response:  # noqa: ARG001 - Flask's signature
    """A form whose token does not fit the session: the session ended, or cookies are off."""
    return expired()
