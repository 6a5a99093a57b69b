"""Sessions kept in PostgreSQL: the cookie holds a random token, the database only its hash.

A page that asks nothing of the session never touches the database for it: the data are read at
the first look and written only when they changed. What was typed lives two hours after the last
visit and then goes, with the key it was sealed under. Two tabs may change one session at once: what
each changed is kept.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from typing_extensions import override

from models.domain.clock import Clock
from models.domain.ports.sessions import StoredSession
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from service.web.cookies import delete_cookie, read_cookie, set_cookie

IDLE = timedelta(hours=2)
TOUCH_AFTER = timedelta(minutes=5)
_COOKIE = "session"
_TOKEN_BYTES = 32
_LONGEST_TOKEN = 64
# Data of several pages, each under a name: what two tabs change there at once is kept of both.
_OF_MANY = frozenset({"drafts", "sent"})

_log = structlog.get_logger(__name__)


class ServerSession(SessionMixin):
    """One visitor's data, read when first looked at.

    ``ended`` tells that the visitor came with a token we no longer know: their session expired;
    ``settled`` that data were kept, and the browser must get their token.
    """

    def __init__(
        self,
        token: str | None,
        load: Callable[[str], StoredSession | None],
        keep: Callable[["ServerSession"], None] | None = None,
    ) -> None:
        self.token = token
        self.modified = False
        self.settled = False
        self.seen_at: datetime | None = None
        self.version = b""
        self._load = load
        self._keep = keep
        self._before: dict[str, Any] = {}
        self._data: dict[str, Any] | None = None
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether the visitor had a session that is over."""
        self._read()
        return self._ended

    @property
    def loaded(self) -> bool:
        """Whether anyone looked at the data."""
        return self._data is not None

    def _read(self) -> dict[str, Any]:
        if self._data is None:
            # Only what was read counts as read: a look that fails must not leave an empty session.
            self._data = {} if self.token is None else self._unpack(self._load(self.token))
        return self._data

    def _unpack(self, stored: StoredSession | None) -> dict[str, Any]:
        if stored is None:
            self._ended, self.token = True, None
            return {}
        self.seen_at, self.version = stored.seen_at, stored.version
        self._before = json.loads(stored.data)
        data: dict[str, Any] = json.loads(stored.data)
        return data

    def keep_now(self) -> None:
        """Keep what changed before the answer is made, so that the answer tells when that fails."""
        if self._keep is not None:
            self._keep(self)

    def settle(self, token: str | None, version: bytes) -> None:
        """Note that the data are kept; without a token: that nothing is left of them."""
        self.token, self.version = token, version
        self.modified, self.settled = False, True
        self._before = json.loads(self.as_json())

    def meet(self, stored: StoredSession | None) -> None:
        """Put what changed here into what another tab kept meanwhile; None: the session ended."""
        theirs = json.loads(stored.data) if stored else {}
        self._data = _merged(self._before, self._read(), theirs)

    def as_json(self) -> bytes:
        """Write the data down."""
        return json.dumps(self._read(), ensure_ascii=False).encode()

    @override
    def __getitem__(self, key: str) -> Any:
        return self._read()[key]

    @override
    def __setitem__(self, key: str, value: Any) -> None:
        self._read()[key] = value
        self.modified = True

    @override
    def __delitem__(self, key: str) -> None:
        del self._read()[key]
        self.modified = True

    @override
    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    @override
    def __len__(self) -> int:
        return len(self._read())


class DatabaseSessions(SessionInterface):
    """Opens and keeps sessions through the unit of work."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    @override
    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """Take the visitor's token; nothing is read yet."""
        # Most visitors come without any cookie, and looking for one in none is not free.
        sent = "HTTP_COOKIE" in request.environ
        token = read_cookie(_COOKIE) if sent else None
        if token is not None and len(token) > _LONGEST_TOKEN:
            token = None
        return ServerSession(token, self._load, self._keep)

    @override
    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep what changed, and note a visit now and then."""
        if not isinstance(session, ServerSession) or not session.loaded:
            return
        response.vary.add("Cookie")
        if request.method == "HEAD":
            return  # who asks for the head alone has seen nothing of what is shown once
        try:
            self._settle(session)
        except Exception as error:  # noqa: BLE001 - no error handler stands around this
            # The answer is made and true: what it tells of was kept before, or is not told.
            _log.warning("session_not_kept", error=type(error).__name__)
            return
        if session.settled:
            self._give(session, response)

    def _settle(self, session: ServerSession) -> None:
        if session.modified:
            self._keep(session)
        elif session.token is not None and self._stale(session):
            now = self._clock.now()
            with self._unit_of_work() as work:
                work.sessions.touch(hash_token(session.token), now, now + IDLE)

    def _load(self, token: str) -> StoredSession | None:
        with self._unit_of_work() as work:
            return work.sessions.load(hash_token(token), self._clock.now())

    def _stale(self, session: ServerSession) -> bool:
        return session.seen_at is None or self._clock.now() - session.seen_at > TOUCH_AFTER

    def _keep(self, session: ServerSession) -> None:
        now = self._clock.now()
        with self._unit_of_work() as work:
            # Whoever keeps something also sweeps: what was typed goes even if nothing else runs.
            work.sessions.delete_expired(now)
            token, version = self._write(work, session, now)
        session.settle(token, version)

    def _give(self, session: ServerSession, response: Response) -> None:
        """Give the browser the token of what was kept, or take it back."""
        if session.token is None:
            delete_cookie(response, _COOKIE)
        else:
            set_cookie(response, _COOKIE, session.token)

    def _write(
        self, work: UnitOfWork, session: ServerSession, now: datetime
    ) -> tuple[str | None, bytes]:
        """Keep a session's data in place of those that were read; return its token and version.

        Without a token nothing was left to keep, and the session is over.
        """
        token = session.token
        version = self._replace(work, session, token, now) if token is not None else None
        if not session:
            if token is not None:
                work.sessions.delete(hash_token(token))
            return None, b""
        if token is None or version is None:
            # A token of ours that ended is not used again.
            token = secrets.token_urlsafe(_TOKEN_BYTES)
            version = work.sessions.add(hash_token(token), session.as_json(), now, now + IDLE)
        return token, version

    def _replace(
        self, work: UnitOfWork, session: ServerSession, token: str, now: datetime
    ) -> bytes | None:
        """Keep a session's data; None when it ended since they were read."""
        named, ends_at = hash_token(token), now + IDLE
        version = work.sessions.replace(named, session.version, session.as_json(), now, ends_at)
        if version is not None:
            return version
        theirs = work.sessions.load(named, now, lock=True)
        session.meet(theirs)
        if theirs is None:
            return None
        return work.sessions.replace(named, theirs.version, session.as_json(), now, ends_at)


def hash_token(token: str) -> str:
    """Hash a session's token as it is stored (a token is random: a plain hash is enough)."""
    return hashlib.sha256(token.encode()).hexdigest()


def _merged(
    before: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> dict[str, Any]:
    """Put what ``mine`` changed since ``before`` into ``theirs``."""
    merged = dict(theirs)
    for name in before.keys() | mine.keys():
        if name not in mine:
            # Taken away here; what another tab put in its place was not seen here and stays.
            if theirs.get(name) == before[name]:
                merged.pop(name, None)
        elif name not in before or mine[name] != before[name]:
            many = name in _OF_MANY
            versions = (each.get(name, {}) for each in (before, mine, theirs))
            merged[name] = _merged(*versions) if many else mine[name]
    return merged
