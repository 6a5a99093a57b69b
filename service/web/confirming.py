"""The page behind the link in the mail: one button, which lets waiting schools have the request."""

from uuid import UUID

from flask import Response, request

from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.ids import Prefix, read, show
from models.domain.verification import Confirmation
from service.steps.confirm_email import confirm_email, view_confirmation
from service.web.dates import moment_in_words
from service.web.failures import failure_page
from service.web.pages import page, private, services


def confirm_form(request_id: str, token: str) -> Response:
    """Show what the link is for; programs that look at links press no button."""
    return _draw(view_confirmation(services(), _read(request_id), token), token)


def confirm(request_id: str, token: str) -> Response:
    """Confirm, and say what happens now."""
    return _draw(confirm_email(services(), _read(request_id), token), token)


def confirm_again() -> Response:
    """Draw the page again when its form token does not fit the session."""
    values = request.view_args or {}
    try:
        return confirm_form(values["request_id"], values["token"])
    except NotFoundError:  # raised while an error is handled, it would be a broken page
        return failure_page(404)


def _read(request_id: str) -> UUID:
    try:
        return read(Prefix.REQUEST, request_id)
    except InvalidInputError as error:
        raise NotFoundError("This link is not one of ours.") from error


def _draw(found: Confirmation, token: str) -> Response:
    drawn = page(
        "confirm.html",
        state=found.state.value,
        schools=found.school_names,
        until=moment_in_words(found.until) if found.until else "",
        reference=show(Prefix.REQUEST, found.request_id),
        token=token,
    )
    return private(drawn)
