"""How our cookies are set: for scripts to leave alone, for our own forms only, by https alone.

Where people reach us by https each is named ``__Host-…``: a browser takes such a cookie from this
very host only, so that no other host of the domain can plant one. It then belongs to all paths.
"""

from datetime import timedelta

from flask import current_app, request
from werkzeug.wrappers import Response


def read_cookie(name: str) -> str | None:
    """Read one of our cookies; None: the browser has none."""
    return request.cookies.get(_named(name))


def set_cookie(
    response: Response, name: str, value: str, *, path: str = "/", max_age: timedelta | None = None
) -> None:
    """Give the browser a cookie.

    Args:
        response: what takes it there.
        name: without the prefix.
        value: a random token, never anything of a person.
        path: where it is sent to while the address is http.
        max_age: how long it is kept; None: until the browser is closed.
    """
    secure = _secure()
    response.set_cookie(
        _named(name),
        value,
        path="/" if secure else path,
        max_age=max_age,
        httponly=True,
        samesite="Lax",
        secure=secure,
    )


def delete_cookie(response: Response, name: str, *, path: str = "/") -> None:
    """Take a cookie out of the browser."""
    secure = _secure()
    # Without its flags a browser would not take the deletion of a cookie so named.
    response.delete_cookie(
        _named(name),
        path="/" if secure else path,
        httponly=True,
        samesite="Lax",
        secure=secure,
    )


def _named(name: str) -> str:
    return f"__Host-{name}" if _secure() else name


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
