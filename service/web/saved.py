"""What a student saved to come back to: for seven days, on the browser that saved it.

Nothing of it is in an address or in the browser: a cookie of its own holds a random token, and
what was typed rests as sessions do, under the token's hash and sealed under a key of its own. The
seven days are counted from saving and nothing makes them longer. A session that ends after two
hours leaves it alone: what is saved comes into a session only when its student says so.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Response, request

from service.web.cookies import delete_cookie, read_cookie, set_cookie
from service.web.dates import moment_in_words
from service.web.pages import services
from service.web.session import hash_token

KEPT = timedelta(days=7)
_COOKIE = "saved"
_TOKEN_BYTES = 32
_LONGEST_TOKEN = 64

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Saved:
    """A request as it was left.

    ``draft`` is what ``service.web.draft`` keeps; ``complete`` tells that its student's details
    were checked, so that going on leads past them; ``results_url`` leads to the same search, should
    its slate not be there any more.
    """

    draft: dict[str, Any]
    complete: bool
    results_url: str
    until: str


def keep(draft: dict[str, Any], results_url: str, response: Response, *, complete: bool) -> None:
    """Save a draft in place of what was saved before, and give the browser the way back to it."""
    now = services().clock.now()
    ends_at = now + KEPT
    kept = Saved(draft, complete, results_url, ends_at.isoformat())
    token, before = secrets.token_urlsafe(_TOKEN_BYTES), _token()
    with services().unit_of_work() as work:
        work.sessions.delete_expired(now)
        if before:
            work.sessions.delete(_named(before))
        data = json.dumps(asdict(kept), ensure_ascii=False).encode()
        work.sessions.add(_named(token), data, now, ends_at)
    set_cookie(response, _COOKIE, token, max_age=KEPT)


def may_be_saved() -> bool:
    """Whether the browser knows a way to something that was saved; it may be gone."""
    return bool(_token())


def find() -> Saved | None:
    """What was saved from this browser; None: nothing, or not any more."""
    token = _token()
    if not token:
        return None
    with services().unit_of_work() as work:
        stored = work.sessions.load(_named(token), services().clock.now())
    return Saved(**json.loads(stored.data)) if stored else None


def saved_until() -> str:
    """Until when something is saved, in words; empty: nothing is."""
    found = find()
    return moment_in_words(datetime.fromisoformat(found.until)) if found else ""


def forget() -> None:
    """Delete what was saved from this browser, and its key with it."""
    token = _token()
    if token:
        with services().unit_of_work() as work:
            work.sessions.delete(_named(token))


def forget_sent(sent: Mapping[str, Any]) -> None:
    """Delete what was saved of a request that was sent; one to another school too stays.

    The request is kept by now: failing here must not hide that.

    Args:
        sent: the draft that was sent, as ``service.web.draft`` keeps it.
    """
    try:
        found = find()
        if found is not None and _covers(sent, found.draft):
            forget()
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends by itself in seven days
        _log.warning("saved_not_deleted", error=type(error).__name__)


def take_back(response: Response) -> None:
    """Take the way back to what is not there any more from the browser."""
    delete_cookie(response, _COOKIE)


def _covers(sent: Mapping[str, Any], left: Mapping[str, Any]) -> bool:
    same_slate = sent["slate_id"] == left["slate_id"]
    return same_slate and set(left["listing_ids"]) <= set(sent["listing_ids"])


def _token() -> str:
    # Most visitors come without any cookie, and looking for one in none is not free.
    sent = "HTTP_COOKIE" in request.environ
    token = (read_cookie(_COOKIE) or "") if sent else ""
    return token if len(token) <= _LONGEST_TOKEN else ""


def _named(token: str) -> str:
    """The name under which it rests: never that of a session, whatever the token is."""
    return hash_token(f"saved {token}")
