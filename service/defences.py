"""What holds for every answer and every call, whatever answers: headers for browsers, and limits.

A page of ours may load nothing but its own style sheet, script and pictures, sends forms to us
alone and stands in nobody's frame; what may do something else says so itself (the widget).
"""

from collections.abc import Callable, Mapping

from flask import Flask, Response, current_app, request

from models.domain.errors import RateLimitError
from service.access import ACCESS, Who
from service.services import Counted, Services

CSP = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# The student's pages may run the one script that is ours, and it may ask for our pages.
CSP_OF_STUDENTS = f"{CSP}; script-src 'self'; connect-src 'self'"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
}
# A year, as OWASP's ASVS 5.0 asks (3.4.1).
HSTS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_BY_PROGRAMS = frozenset({Who.API_KEY, Who.SIGNATURE})
_MINUTE = 60
# A search is counted in the one call that stores it, the last page keeps what was ticked when it
# refuses, and a mail provider presses for thousands from few addresses, each with its own token.
NOT_COUNTED_HERE = frozenset(
    {"matches.matches", "web.send", "web.unsubscribe", "web.subscribe_again"}
)


def defend(app: Flask, *, secure: bool, api_rate: int) -> None:
    """Put the headers on every answer, and count every call that writes or brings a key.

    Args:
        app: the one to defend.
        secure: whether people reach it by https.
        api_rate: calls by programs with a key or signature that one address may make in a
            minute; 0: not limited.
    """
    app.after_request(_header_writer(HSTS if secure else {}))
    app.before_request(lambda: _count(api_rate))


def _header_writer(more: Mapping[str, str]) -> Callable[[Response], Response]:
    plain = {**HEADERS, **more}
    of_students = {**plain, "Content-Security-Policy": CSP_OF_STUDENTS}

    def write(response: Response) -> Response:
        headers = response.headers
        if "Content-Security-Policy" not in headers:
            headers.extend(of_students if request.blueprint == "web" else plain)
            return response
        for name, value in plain.items():
            headers.setdefault(name, value)
        return response

    return write


def _count(api_rate: int) -> None:
    """Count a call for its address.

    Raises:
        RateLimitError: when there were too many; nothing was done.
    """
    endpoint = request.endpoint
    if endpoint is None:
        return
    services: Services = current_app.extensions["schoolmatch"]
    if ACCESS.get(endpoint) in _BY_PROGRAMS:
        _count_program(services, api_rate)
    elif request.method not in _READING and endpoint not in NOT_COUNTED_HERE:
        services.slates.admit(request.remote_addr or "")


def _count_program(services: Services, api_rate: int) -> None:
    if not api_rate:
        return
    counted = Counted(f"api {request.remote_addr or ''}", _MINUTE)
    if services.counts.count([counted])[0] > api_rate:
        raise RateLimitError(_MINUTE - int(services.clock.now().timestamp()) % _MINUTE)
