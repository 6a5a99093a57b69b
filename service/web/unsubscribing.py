"""The page behind the link that stops mail (RFC 8058): one button, and it says what stops.

A mail program presses the button by itself, without a session and without this page: that POST
needs no form token, as the link itself is the proof. Programs that only look at links stop nothing.
"""

from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.ids import Prefix, read
from service.steps.stop_mail import allow_mail, stop_mail, view_stop
from service.web.pages import page, private, services


def unsubscribe_form(message_id: str, token: str) -> Response:
    """Show what the link is for, or that it was done."""
    if view_stop(services(), _read(message_id), token):
        return _draw(message_id, token, "kept" if _just_allowed() else "stopped")
    return _draw(message_id, token, "allowed" if _just_allowed() else "ask")


def unsubscribe(message_id: str, token: str) -> Response:
    """Stop mail, and say what stops; a second time says the same."""
    stop_mail(services(), _read(message_id), token)
    return _draw(message_id, token, "stopped")


def subscribe_again(message_id: str, token: str) -> Redirect:
    """Let mail go out again, and lead to a page that can be loaded and read in each language."""
    allow_mail(services(), _read(message_id), token)
    back = url_for("web.unsubscribe_form", message_id=message_id, token=token, again=1)
    return redirect(back, 303)


def _just_allowed() -> bool:
    return request.args.get("again") == "1"


def _read(message_id: str) -> UUID:
    try:
        return read(Prefix.MESSAGE, message_id)
    except InvalidInputError as error:
        raise NotFoundError("This link is not one of ours.") from error


def _draw(message_id: str, token: str, state: str) -> Response:
    shown = page("unsubscribe.html", state=state, message_id=message_id, token=token)
    return private(shown)
