"""The pages before the rooms: login, and the invitation that sets an account up."""

from datetime import timedelta

from flask import Response, redirect, request, session, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError, NotFoundError, RateLimitError
from models.domain.staff import Lock, Opens, hash_token
from service.said import say
from service.staff.guard import inside_only
from service.staff.pages import wrong
from service.staff.session import COOKIE, PATH, hand_over
from service.steps.staff_doors import Caller, Credentials, Inside, end_former_session
from service.steps.staff_doors import log_in as try_login
from service.steps.staff_locks import new_secret, otpauth_uri
from service.steps.staff_setting_up import accept_invitation, look_at_link
from service.web import failures
from service.web.cookies import read_cookie, set_cookie
from service.web.pages import page, services, visitor
from service.web.problems import Problems, problems_of

_MARK = "staff_device"
_MARK_HOLDS = timedelta(days=365)
_LONGEST = 400


def log_in_form() -> Response:
    """Draw the form."""
    return _login_page(Problems(), 200)


def log_in() -> Response | Redirect:
    """Try what was typed; the answer never says what of it was wrong."""
    typed = Credentials(_typed("email"), request.form.get("password", ""), _typed("code"))
    try:
        inside = try_login(services(), typed, caller())
    except InvalidInputError as error:
        return _login_page(wrong(error), 422)
    except RateLimitError as error:
        problems = problems_of({"password": [say("login_limited")]})
        response = _login_page(problems, 429)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return come_in(inside, inside_only(request.form.get("next", "")))


def invitation(token: str) -> Response:
    """Draw the form that sets an account up."""
    return _invitation_page(token, Problems(), 200)


def accept(token: str) -> Response | Redirect:
    """Set the account up and come in."""
    secret = session.get(_secret_name(token))
    if secret is None:
        return failures.failure("staff_stale", 403)
    wanted = Lock(request.form.get("password", ""), secret)
    try:
        inside = accept_invitation(services(), token, wanted, _typed("code"), caller())
    except InvalidInputError as error:
        return _invitation_page(token, wrong(error), 422)
    except NotFoundError:
        return gone()
    session.pop(_secret_name(token), None)
    return come_in(inside, url_for("staff.codes_form"))


def _login_page(problems: Problems, status: int) -> Response:
    return page(
        "staff/login.html",
        status,
        problems=problems,
        values={"email": _typed("email")},
        next=inside_only(request.values.get("next", "")) or "",
    )


def _invitation_page(token: str, problems: Problems, status: int) -> Response:
    try:
        link = look_at_link(services(), token)
    except NotFoundError:
        return gone()
    if link.opens is not Opens.ACCOUNT:
        return gone()
    # The same secret again after a mistake: the app has it already.
    secret = session.setdefault(_secret_name(token), new_secret())
    return page(
        "staff/invitation.html",
        status,
        problems=problems.in_order(("password", "code")),
        email=link.staff.email,
        token=token,
        secret=in_groups(secret),
        uri=otpauth_uri(secret, link.staff.email),
    )


def in_groups(secret: str) -> str:
    """Write a secret as it is easiest to copy by hand."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _secret_name(token: str) -> str:
    # Two invitations in one browser never share a secret.
    return f"totp_{hash_token(token).hex()[:16]}"


def gone() -> Response:
    """Say that a link opens nothing, or nothing any more."""
    return page("staff/gone.html", 404)


def give_token(response: Redirect, token: str) -> None:
    """Give the browser the token of its session."""
    hand_over(response, token)


def come_in(inside: Inside, there: str | None) -> Redirect:
    """Give the browser the token of a session that began in place of its former, and go on."""
    former = read_cookie(COOKIE)
    if former:
        end_former_session(services(), former[:_LONGEST])
    response = redirect(there or url_for("staff.home"), 303)
    give_token(response, inside.token)
    if inside.mark:
        set_cookie(response, _MARK, inside.mark, path=f"{PATH}/login", max_age=_MARK_HOLDS)
    return response


def caller() -> Caller:
    """Where a try comes from, and whether the browser is known."""
    who = visitor()
    return Caller(who.address, who.user_agent, (read_cookie(_MARK) or "")[:_LONGEST])


def _typed(name: str) -> str:
    return request.form.get(name, "")[:_LONGEST]
