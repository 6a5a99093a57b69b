"""Sessions of staff: a cookie of their own that is only sent to the rooms, and rows of their own.

A visitor's session never becomes one of staff: login and invitation use the visitor's, for the
form's token, and what begins with them has a new token, a new key and nothing of the old one.
"""

from collections.abc import Callable
from datetime import timedelta

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from typing_extensions import override
from werkzeug.wrappers import Response as BaseResponse

from models.domain.clock import Clock
from models.domain.ports.sessions import StoredSession
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.staff import StaffSession, hash_token
from service.web.cookies import delete_cookie, read_cookie, set_cookie
from service.web.session import ServerSession

COOKIE = "staff_session"
PATH = "/staff"
TOUCH_AFTER = timedelta(minutes=1)
_OPEN_TO_ALL = (f"{PATH}/login", f"{PATH}/invitation/")
_LONGEST_TOKEN = 64


class RoomSession(ServerSession):
    """A session in the rooms; ``kept`` is its row, once somebody looked."""

    def __init__(self, token: str | None, find: Callable[[str], StaffSession | None]) -> None:
        super().__init__(token, self._as_stored)
        self.kept: StaffSession | None = None
        self._find = find

    def _as_stored(self, token: str) -> StoredSession | None:
        self.kept = self._find(token)
        return StoredSession(self.kept.data, self.kept.seen_at) if self.kept else None

    def look(self) -> StaffSession | None:
        """Read the row; None when there is no such session, or it is over."""
        self._read()
        return self.kept


class RoomsOrPages(SessionInterface):
    """Opens a session of staff in their rooms, and a visitor's everywhere else."""

    def __init__(
        self, pages: SessionInterface, unit_of_work: UnitOfWorkFactory, clock: Clock
    ) -> None:
        self._pages = pages
        self._unit_of_work = unit_of_work
        self._clock = clock

    @override
    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        """Take the token of who comes; nothing is read yet."""
        if not _in_rooms(request.path):
            return self._pages.open_session(app, request)
        token = read_cookie(COOKIE)
        usable = token is not None and len(token) <= _LONGEST_TOKEN
        return RoomSession(token if usable else None, self._load)

    @override
    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep what changed and note visits; a session that is over leaves the browser."""
        if not isinstance(session, RoomSession):
            self._pages.save_session(app, session, response)
            return
        if not session.loaded:
            return
        response.vary.add("Cookie")
        if session.token is None or session.kept is None:
            if session.ended:
                forget(response)
            return
        now, named = self._clock.now(), hash_token(session.token).hex()
        if session.modified:
            with self._unit_of_work() as work:
                work.staff_sessions.save(named, session.as_json(), now)
        elif now - session.kept.seen_at > TOUCH_AFTER:
            with self._unit_of_work() as work:
                work.staff_sessions.touch(named, now)

    def _load(self, token: str) -> StaffSession | None:
        with self._unit_of_work() as work:
            return work.staff_sessions.load(hash_token(token).hex(), self._clock.now())


def hand_over(response: BaseResponse, token: str) -> None:
    """Give the browser the token of a session that began."""
    set_cookie(response, COOKIE, token, path=PATH)


def forget(response: BaseResponse) -> None:
    """Take the token out of the browser."""
    delete_cookie(response, COOKIE, path=PATH)


def _in_rooms(path: str) -> bool:
    return path.startswith(PATH) and not path.startswith(_OPEN_TO_ALL)
