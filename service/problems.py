"""Every error as what it is to the caller: a problem document (RFC 9457) or a page."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, request
from marshmallow import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, SecurityError

from models.domain.errors import (
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    RateLimitError,
    TransitionError,
    UnavailableError,
)
from service.api.v1.rules import flatten
from service.said import Said, say, shorten
from service.web import failures

MOST_ERRORS = 100
_RETRY_SECONDS = 5

_log = structlog.get_logger(__name__)


def problem(
    status: int,
    detail: str,
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Write a problem document; ``errors`` are messages by the field's path."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors is not None:
        document["errors"] = [
            {
                "path": shorten(path, 200),
                "pointer": "#/" + shorten(path, 200).replace(".", "/"),
                "code": text.key if isinstance(text, Said) else "invalid",
                "detail": text,
            }
            for path, texts in list(errors.items())[:MOST_ERRORS]
            for text in texts
        ]
    response = Response(
        json.dumps(document), status, mimetype="application/problem+json", headers=headers
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def invalid(errors: Mapping[str, Sequence[str]]) -> Response:
    """Say what to change, field by field."""
    count = sum(map(len, errors.values()))
    detail = "One value cannot be used." if count == 1 else f"{count} values cannot be used."
    return problem(422, f"{detail} Each is named in errors.", errors=errors)


def for_program() -> bool:
    """Tell whether a program asks, and not a person with a browser."""
    return request.path.startswith(("/api/", "/livez", "/readyz", "/metrics"))


def handle_errors(app: Flask) -> None:
    """Answer every error; what nobody foresaw is logged, and nothing of it told."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(InvalidInputError, _invalid)
    app.register_error_handler(ValidationError, _not_valid)
    app.register_error_handler(NotFoundError, lambda error: _plain(404, str(error)))
    app.register_error_handler(ForbiddenError, lambda error: _plain(403, str(error)))
    app.register_error_handler(TransitionError, lambda error: _plain(422, str(error)))
    app.register_error_handler(RateLimitError, _limited)
    app.register_error_handler(UnavailableError, _away)
    for kind in (OperationalError, InterfaceError, PoolTimeoutError):
        app.register_error_handler(kind, _database_away)
    app.register_error_handler(DBAPIError, _database_failed)
    app.register_error_handler(Exception, _unforeseen)


def _plain(status: int, detail: str) -> Response:
    return problem(status, detail) if for_program() else failures.failure_page(status)


def _http(error: HTTPException) -> Response:
    if isinstance(error, SecurityError):
        return _foreign_host()
    if not for_program():
        return failures.http_failure(error)
    kept = {
        name: value
        for name, value in error.get_headers()
        if name.lower() not in {"content-type", "content-length"}
    }
    status = error.code or 500
    detail = _DETAILS.get(status) or error.description or HTTPStatus(status).phrase
    return problem(status, detail, headers=kept)


def _foreign_host() -> Response:
    """Answer who called us by a name that is not ours; a page would make links of that name."""
    detail = "We are not known by that host name. Use the address that was given to you."
    if for_program():
        return problem(400, f"{detail} An operator adds names in ALLOWED_HOSTS.")
    return Response(f"{detail}\n", 400, mimetype="text/plain")


_DETAILS = {
    404: "There is nothing at this address. See /api/v1/openapi.json for what there is.",
    405: "This address does not take that method. The header Allow names those it takes.",
    413: "The body is larger than we read. Send less.",
}


def _invalid(error: InvalidInputError) -> Response:
    return invalid(error.messages) if for_program() else failures.failure_page(400)


def _not_valid(error: ValidationError) -> Response:
    return _invalid(InvalidInputError(flatten(error.messages)))


def _limited(error: RateLimitError) -> Response:
    if not for_program():
        return failures.failure_page(429, error.retry_after)
    return problem(429, say("limited"), headers={"Retry-After": str(error.retry_after)})


def _away(error: UnavailableError) -> Response:
    if not for_program():
        return failures.away(error)
    detail = f"A part of the service is away. Try again in {error.retry_after} seconds."
    return problem(503, detail, headers={"Retry-After": str(error.retry_after)})


def _database_away(error: Exception) -> Response:
    _log.warning("database_away", error=type(error).__name__)
    return _away(UnavailableError("the database", _RETRY_SECONDS))


def _database_failed(error: DBAPIError) -> Response:
    # A server that stops in the middle of a statement is away, however the driver words it.
    return _database_away(error) if error.connection_invalidated else _unforeseen(error)


def _unforeseen(error: Exception) -> Response:
    _log.error("unforeseen", path=request.path, exc_info=error)
    return _plain(500, "Something went wrong on our side. It is noted. Try again in a moment.")
