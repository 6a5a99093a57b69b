"""Pages for what goes wrong: each says what happened and what to do, and nothing it cannot know."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request, url_for
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
_SENDING = "web.send"
# Pages that are typed into, and what the button says that sends the same again.
_TYPED_INTO = {
    _SENDING: "page.unconfirmed.again",
    "web.ask": "page.unavailable.again",
    "web.questions": "page.unavailable.again",
    "web.save": "page.unavailable.again",
}


def failure(
    words: str, status: int, values: Mapping[str, str | int] | None = None, /, **more: Any
) -> Response:
    """Draw a page that says what went wrong.

    Args:
        words: the page's name among the texts.
        status: what the answer's status is.
        values: what the text's names stand for.
        more: where the page leads, besides the start.
    """
    shown = page(
        "failure.html",
        status,
        heading=t(f"page.{words}.title"),
        words=t(f"page.{words}.text", **(values or {})),
        **more,
    )
    return private(shown)


def failure_page(status: int, retry_after: int | None = None) -> Response:
    """The page for a status."""
    words = _WORDS.get(status, "broken" if status >= 500 else "bad_request")
    wait = retry_after or RETRY_SECONDS
    again = _again() if status == 429 or status >= 500 else None
    if again and status == 429:
        words = "too_many_typed"
    elif again and request.endpoint == _SENDING:
        words = "unconfirmed"
    response = failure(words, status, {"n": wait}, again=again)
    if status in {429, 503}:
        response.headers["Retry-After"] = str(wait)
    return response


def _again() -> Mapping[str, Any] | None:
    """A form that sends the same again: what was typed is not lost with the page."""
    if request.method != "POST" or request.endpoint not in _TYPED_INTO:
        return None
    return {
        # With what stands behind the path: the language, and whose questions were answered.
        "action": request.full_path.rstrip("?"),
        "pairs": list(request.form.items(multi=True)),
        "label": t(_TYPED_INTO[request.endpoint]),
    }


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


def no_such_page(first_url: str) -> Response:
    """The results have fewer pages, or no page is called that."""
    more = {"continue_url": first_url, "continue_label": t("page.no_such_page.continue")}
    return failure("no_such_page", 404, **more)


def expired(*, unsent: bool = False) -> Response:
    """What was typed is gone; the results are still there to ask from again.

    Args:
        unsent: whether it was looked up that nothing was sent from this page.
    """
    slate_id = request.values.get("slate_id", "")
    links = {}
    if slate_id:
        links = {
            "continue_url": url_for("web.request_form", slate_id=slate_id),
            "continue_label": t("page.expired.continue"),
        }
    return failure("expired_unsent" if unsent else "expired", 410, **links)


def sent_before(reference: str) -> Response:
    """A page that was sent before its session ended: it is not shown to whoever comes later."""
    return failure("sent_before", 200, {"reference": reference})


def elsewhere() -> Response:
    """A request that this browser did not send, or not lately."""
    return failure("elsewhere", 403)
