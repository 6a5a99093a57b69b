"""Somebody's own locks: password, authenticator app, recovery codes; each change asks for proof."""

from collections.abc import Callable
from functools import partial
from typing import cast

from flask import Response, redirect, request, session, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError, RateLimitError
from models.domain.staff import hash_token
from service.said import say
from service.staff.entrance import give_token, in_groups
from service.staff.guard import insider
from service.staff.pages import done, room, wrong
from service.staff.session import RoomSession
from service.steps import staff_security
from service.steps.staff_doors import Proof, new_token
from service.steps.staff_locks import new_secret, otpauth_uri
from service.web.pages import services
from service.web.problems import Problems, problems_of

_LONGEST = 400
_SECRET = "new_totp"  # noqa: S105 - a name
_CODES = "recovery_codes"


def security() -> Response:
    """Show how the account is locked."""
    who = insider()
    found = staff_security.look_at_security(services(), who.staff)
    own = found.has_password and who.session.organization_id is None
    return room("staff/security.html", security=found, own=own)


def password_form() -> Response:
    """Draw the form that changes the password."""
    return _password(Problems(), 200)


def password() -> Response | Redirect:
    """Change the password."""
    who = insider()
    change = partial(
        staff_security.change_password,
        services(),
        who.staff,
        who.session.id,
        _proof(),
        request.form.get("new_password", ""),
    )
    return _try(change, _password, "staff.security.password_changed")


def app_form() -> Response:
    """Draw the form that changes the app, with a new key."""
    return _app(Problems(), 200)


def app() -> Response | Redirect:
    """Change the app."""
    who, secret = insider(), session.get(_SECRET)
    if secret is None:
        return redirect(url_for("staff.app_form"), 303)
    new = (secret, request.form.get("new_code", "")[:_LONGEST])
    change = partial(
        staff_security.change_app, services(), who.staff, who.session.id, _proof(), new
    )
    answer = _try(change, _app, "staff.security.app_changed")
    if answer.status_code == 303:
        session.pop(_SECRET, None)
    return answer


def codes_form() -> Response:
    """Show the codes that were just made, this once; or draw the form that makes new ones."""
    made = session.pop(_CODES, None)
    return room("staff/codes_shown.html", codes=made) if made else _codes(Problems(), 200)


def codes() -> Response | Redirect:
    """Make new codes."""
    who = insider().staff

    def make() -> None:
        # Sealed with the session's data until the next page shows them.
        session[_CODES] = list(staff_security.replace_recovery_codes(services(), who, _proof()))

    answer = _try(make, _codes, "staff.security.codes_made")
    if answer.status_code == 303:
        answer.headers["Location"] = url_for("staff.codes_form")
    return answer


def _try(
    change: Callable[[], None], draw: Callable[[Problems, int], Response], notice: str
) -> Response | Redirect:
    """Make a change; then let another token open this session, and the old one nothing."""
    try:
        change()
    except InvalidInputError as error:
        return draw(wrong(error), 422)
    except RateLimitError as error:
        response = draw(problems_of({"password": [say("login_limited")]}), 429)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    answer = done(notice, url_for("staff.security"))
    _rotate(answer)
    return answer


def _rotate(response: Redirect) -> None:
    ours, token = cast("RoomSession", session), new_token()
    before, after = hash_token(ours.token or "").hex(), hash_token(token).hex()
    with services().unit_of_work() as work:
        work.staff_sessions.rotate(before, after, insider().session.id, ours.as_json())
    ours.token = token
    give_token(response, token)


def _proof() -> Proof:
    return Proof(request.form.get("password", ""), request.form.get("code", "")[:_LONGEST])


def _password(problems: Problems, status: int) -> Response:
    ordered = problems.in_order(("password", "code", "new_password"))
    return room("staff/password.html", status, problems=ordered)


def _app(problems: Problems, status: int) -> Response:
    # The same secret again after a mistake: the app has it already.
    secret = session.get(_SECRET) or new_secret()
    session[_SECRET] = secret
    return room(
        "staff/app.html",
        status,
        problems=problems.in_order(("new_code", "password", "code")),
        secret=in_groups(secret),
        uri=otpauth_uri(secret, insider().staff.email),
    )


def _codes(problems: Problems, status: int) -> Response:
    found = staff_security.look_at_security(services(), insider().staff)
    return room("staff/codes.html", status, problems=problems, security=found)
