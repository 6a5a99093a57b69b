"""The systems of the presets, played: their limits, and their ways of answering 200 and meaning no.

Each is a function of what came and of the case that is played; ``good`` is a lead that is taken.
What they check is what the real ones check, as far as their makers have published it
(docs/destinations.md); what they keep is what the real ones would have kept.
"""

import base64
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from workers.mocks import MockReceiver, Received, Reply

GOOD = "good"
# A page with code 200 that no system of the presets has promised: maintenance, a login, a notice.
AWAY = "notice_page"
_JSON = {"content-type": "application/json"}
_HTML = {"content-type": "text/html;charset=UTF-8"}
_AWAY = Reply(200, _HTML, b"<!doctype html><title>Notice</title><p>We will be back soon.")


@dataclass
class Window:
    """Counts posts: at most so many in any so many seconds."""

    most: int
    seconds: float
    monotonic: Callable[[], float] = time.monotonic
    _taken: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> bool:
        """Count a post; False when it is one too many."""
        with self._lock:
            now = self.monotonic()
            while self._taken and self._taken[0] <= now - self.seconds:
                self._taken.popleft()
            if len(self._taken) >= self.most:
                return False
            self._taken.append(now)
            return True


# Answers a post in a case; ``posts`` is the system's limit.
Playing = Callable[[Received, str, Window], Reply]


@dataclass(frozen=True)
class System:
    """A system that is played: what it answers, in which cases, and how much it takes.

    ``good`` and ``notice_page`` are cases of every system.
    """

    play: Playing
    cases: tuple[str, ...]
    most: int
    seconds: float


class MockSystem(MockReceiver):
    """A school's system on a free port of this machine, while its block lasts."""

    def __init__(
        self, name: str, case: str = GOOD, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        system = SYSTEMS[name]
        posts = Window(system.most, system.seconds, monotonic)
        super().__init__(
            lambda received: _AWAY if case == AWAY else system.play(received, case, posts)
        )

    @staticmethod
    def cases(name: str) -> tuple[str, ...]:
        """List the cases of a system, ``good`` first."""
        return (GOOD, *SYSTEMS[name].cases, AWAY)

    def stand_in(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Point settings at this mock instead of the real system; paths stay as they are."""
        moved = dict(settings)
        for name in ("url", "token_url"):
            if name in moved:
                parts = urlsplit(str(moved[name]))
                query = f"?{parts.query}" if parts.query else ""
                moved[name] = f"{self.host}{parts.path}{query}"
        return moved


def _salesforce(received: Received, case: str, posts: Window) -> Reply:
    """Answer 200 to everything: a wrong organization, too many leads, a captcha that is missing."""
    del received, case, posts
    page = b"<!-- --><html><head><meta http-equiv=PRAGMA CONTENT=NO-CACHE></head></html>"
    return Reply(200, _HTML, page)


def _hubspot(received: Received, case: str, posts: Window) -> Reply:
    if case == "too_many" or not posts.take():
        return Reply(429, {"content-type": "text/plain; charset=UTF-8"}, b"error code: 1015")
    sent = _object(received)
    fields = {each.get("name"): each.get("value") for each in sent.get("fields", [])}
    if case == "bad_address" or "@" not in str(fields.get("email", "")):
        return _hubspot_no("INVALID_EMAIL", "fields.email")
    if case == "form_differs":
        return _hubspot_no("REQUIRED_FIELD", "fields.birth_date")
    return _reply(200, {"inlineMessage": "Thanks for submitting the form."})


def _hubspot_no(kind: str, where: str) -> Reply:
    said = f"Error in '{where}'. {kind}"
    return _reply(
        400,
        {
            "status": "error",
            "message": "The request is not valid",
            "errors": [{"message": said, "errorType": kind}],
        },
    )


def _slate(received: Received, case: str, posts: Window) -> Reply:
    """Answer 200 when a body was received; whether it can be imported is seen later."""
    if not received.headers.get("authorization", "").startswith("Basic "):
        return Reply(401, {"www-authenticate": 'Basic realm="Slate"'})
    if case == "too_many" or not posts.take():
        return Reply(429, {"content-type": "text/plain"}, b"Too many requests")
    if "cmd=load" not in received.path or not received.body:
        return Reply(400)
    return Reply(200, {"content-type": "text/plain"})


_MARKETO_ERRORS = {
    "no_token": ("600", "Empty access token"),
    "token_expired": ("602", "Access token expired"),
    "too_many": ("606", "Max rate limit '100' exceeded with in '20' secs"),
    "refused": ("610", "Requested resource not found"),
}
_MARKETO_RESULTS: Mapping[str, Mapping[str, Any]] = {
    GOOD: {"id": 318592, "status": "created"},
    "skipped": {
        "status": "skipped",
        "reasons": [{"code": "1007", "message": "Multiple lead match lookup criteria"}],
    },
    "lead_exists": {
        "id": 318581,
        "status": "skipped",
        "reasons": [{"code": "1005", "message": "Lead already exists"}],
    },
}


def _marketo(received: Received, case: str, posts: Window) -> Reply:
    """Answer 200 to everything but a token's request; a row may be skipped with success true."""
    if received.path.startswith("/identity/oauth/token"):
        return _marketo_token(received, case)
    found = case
    if not received.headers.get("authorization", "").startswith("Bearer "):
        found = "no_token"
    elif not posts.take():
        found = "too_many"
    elif not isinstance(_object(received).get("formId"), int):
        found = "refused"
    said: dict[str, Any] = {"requestId": "e42b#14272d07d78", "success": found in _MARKETO_RESULTS}
    if found in _MARKETO_ERRORS:
        code, message = _MARKETO_ERRORS[found]
        return _reply(200, {**said, "errors": [{"code": code, "message": message}]})
    return _reply(200, {**said, "result": [_MARKETO_RESULTS[found]]})


def _marketo_token(received: Received, case: str) -> Reply:
    asked = parse_qs(received.body.decode())
    if case == "wrong_secret" or asked.get("grant_type") != ["client_credentials"]:
        return _reply(401, {"error": "unauthorized", "error_description": "Bad client credentials"})
    if not asked.get("client_id") or not asked.get("client_secret"):
        return _reply(400, {"error": "invalid_request"})
    digest = base64.urlsafe_b64encode(asked["client_id"][0].encode()).decode().strip("=")
    token = f"{digest}:sj"
    return _reply(200, {"access_token": token, "token_type": "bearer", "expires_in": 3599})


def _educationdynamics(received: Received, case: str, posts: Window) -> Reply:
    """Answer 200 with IsSuccessful false to what it does not take."""
    del posts
    sent = _object(received)
    says = {
        "duplicate": "Duplicate lead for this program",
        "quota_reached": "Quota Reached",
        "refused": "Phone is not valid",
    }
    if not sent.get("APIKey") or not isinstance(sent.get("ProgramId"), int):
        says[case] = "APIKey is not valid"
    if case in says:
        return _reply(200, {"IsSuccessful": False, "Body": None, "Messages": [says[case]]})
    return _reply(200, {"IsSuccessful": True, "Body": {"LeadId": 90210}, "Messages": []})


def _object(received: Received) -> dict[str, Any]:
    try:
        sent = json.loads(received.body)
    except ValueError:
        return {}
    return sent if isinstance(sent, dict) else {}


def _reply(code: int, said: Mapping[str, Any]) -> Reply:
    return Reply(code, _JSON, json.dumps(said).encode())


SYSTEMS: Mapping[str, System] = {
    "salesforce_web_to_lead": System(_salesforce, ("wrong_organization",), 500, 86_400.0),
    "hubspot_forms": System(_hubspot, ("bad_address", "form_differs", "too_many"), 50, 10.0),
    "slate_post": System(_slate, ("too_many",), 50, 300.0),
    "marketo_forms": System(
        _marketo,
        ("skipped", "lead_exists", "refused", "token_expired", "too_many", "wrong_secret"),
        100,
        20.0,
    ),
    "educationdynamics": System(
        _educationdynamics, ("duplicate", "quota_reached", "refused"), 1_000, 1.0
    ),
}
