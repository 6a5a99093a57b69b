"""Seeing what the web does: a request id on every line and answer, one line an answer, figures.

A line names the route's template, never the address that was asked for: addresses carry answers
and tokens. A request is followed by its id to the line ``request_accepted``, which names its
leads, and from there by lead to the workers' lines.
"""

import re
import secrets
import time
from functools import cache

import structlog
from flask import Flask, Response, g, request

from service.figures import ANSWERS, SECONDS

HEADER = "X-Request-Id"
_SENT = "HTTP_X_REQUEST_ID"
_ACCEPTED = re.compile(r"[0-9A-Za-z-]{8,64}")
# Asked every few seconds by machines: their lines would bury the visitors'.
_QUIET = frozenset({"health.livez", "health.readyz", "health.metrics"})

# Finding a series by its labels takes a lock; there are as many as endpoints and statuses.
_answers, _seconds = cache(ANSWERS.labels), cache(SECONDS.labels)

_log = structlog.get_logger(__name__)


def watch(app: Flask) -> None:
    """Give every request its id, and count, time and log every answer."""
    app.before_request(_start)
    app.after_request(_end)


def _start() -> None:
    g.started = time.perf_counter()
    g.request_id = request_id(request.environ.get(_SENT, ""))
    # Threads are used again: nothing of the request before may stay.
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def request_id(sent: str) -> str:
    """Take the caller's id where it is one, else make one."""
    return sent if _ACCEPTED.fullmatch(sent) else secrets.token_hex(16)


def _end(response: Response) -> Response:
    started = g.get("started")
    if started is None:  # refused before any of this began
        return response
    seconds = time.perf_counter() - started
    # An address nobody serves has no endpoint: its path would make a series of its own.
    rule = request.url_rule
    endpoint = rule.endpoint if rule else "none"
    _answers(endpoint, response.status_code).inc()
    _seconds(endpoint).observe(seconds)
    response.headers[HEADER] = g.request_id
    say = _log.debug if endpoint in _QUIET else _log.info
    say(
        "answered",
        method=request.method,
        route=rule.rule if rule else None,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
    )
    return response
