"""Coming in by an organization's own sign-in: away to it, and back."""

import structlog
from flask import Response, redirect, request, session
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import NotFoundError, UnavailableError
from models.domain.ids import Prefix
from service.staff.entrance import caller, come_in, gone
from service.staff.guard import identifier
from service.steps.staff_sign_in import SignInError, Try, begin_sign_in, finish_sign_in
from service.web.pages import page, services

_TRY = "sign_in"
_log = structlog.get_logger(__name__)


def away(organization: str) -> Response | Redirect:
    """Send the browser to the organization's sign-in."""
    found = identifier(Prefix.ORGANIZATION, organization)
    try:
        address, made = begin_sign_in(services(), found)
    except NotFoundError:
        return gone()
    except UnavailableError:
        return page("staff/not_signed_in.html", 503, reason="away")
    session[_TRY] = made.as_dict()
    return redirect(address, 303)


def back(organization: str) -> Response | Redirect:
    """Take what the browser brings back, once, and come in."""
    kept = session.pop(_TRY, None)
    if kept is None or kept["organization"] != organization:
        return page("staff/not_signed_in.html", 403, reason="stale")
    try:
        inside = finish_sign_in(services(), Try(**kept), request.args, caller())
    except SignInError as error:
        _log.warning("sign_in_refused", reason=str(error), organization=organization)
        known = (
            error.args[0] if error.args[0] in {"second_factor", "nobody", "email"} else "refused"
        )
        return page("staff/not_signed_in.html", 403, reason=known)
    except NotFoundError:
        return gone()
    except UnavailableError:
        return page("staff/not_signed_in.html", 503, reason="away")
    return come_in(inside, None)
