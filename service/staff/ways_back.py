"""Who forgot a password: asking for a link by mail, and choosing a new one by it."""

from flask import Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError, NotFoundError, RateLimitError
from models.domain.staff import Opens
from service.said import say
from service.staff.entrance import caller, come_in, gone
from service.staff.pages import wrong
from service.steps.staff_doors import Proof
from service.steps.staff_setting_up import ask_way_back, look_at_link, take_way_back
from service.web.pages import page, services
from service.web.problems import Problems, problems_of

_LONGEST = 400


def forgotten_form() -> Response:
    """Draw the form that asks for a link."""
    return _asking(Problems(), 200)


def forgotten() -> Response:
    """Mail a link to who has an account; say the same to everybody."""
    email = request.form.get("email", "").strip()[:_LONGEST]
    if "@" not in email:
        return _asking(problems_of({"email": [say("email_format")]}), 422)
    try:
        ask_way_back(services(), email, caller())
    except RateLimitError as error:
        response = _asking(problems_of({"email": [say("asked_often")]}), 429)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    return page("staff/asked.html", email=email)


def way_back_form(token: str) -> Response:
    """Draw the form that sets a new password."""
    return _setting(token, Problems(), 200)


def way_back(token: str) -> Response | Redirect:
    """Set a new password and come in."""
    proof = Proof(request.form.get("password", ""), request.form.get("code", "")[:_LONGEST])
    try:
        inside = take_way_back(services(), token, proof, caller())
    except InvalidInputError as error:
        return _setting(token, wrong(error), 422)
    except RateLimitError:
        return _setting(token, problems_of({"code": [say("link_limited")]}), 429)
    except NotFoundError:
        return gone()
    return come_in(inside, url_for("staff.security"))


def _asking(problems: Problems, status: int) -> Response:
    values = {"email": request.form.get("email", "")[:_LONGEST]}
    return page("staff/forgotten.html", status, problems=problems, values=values)


def _setting(token: str, problems: Problems, status: int) -> Response:
    try:
        link = look_at_link(services(), token)
    except NotFoundError:
        return gone()
    if link.opens is not Opens.PASSWORD:
        return gone()
    return page(
        "staff/way_back.html",
        status,
        problems=problems.in_order(("password", "code")),
        email=link.staff.email,
        token=token,
    )
