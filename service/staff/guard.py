"""The guard: looks up who may use a route before anything of a room is read or done."""

from dataclasses import replace
from typing import NamedTuple, cast
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app, g, redirect, request, session, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, read
from models.domain.staff import Membership, Role, Staff, StaffSession
from service.access import ACCESS, ROOMS, Who
from service.staff.session import PATH, RoomSession
from service.web import failures
from service.web.pages import services

# What opens an account is its owner's: whoever runs an organization's sign-in never gets there.
_OWN_LOCKS = frozenset(
    f"staff.{each}{form}" for each in ("password", "app", "codes") for form in ("", "_form")
)
_OPEN = frozenset({Who.ANYONE, Who.REQUEST_TOKEN, Who.API_KEY, Who.SIGNATURE})


class Insider(NamedTuple):
    """Who is in a room, and by which session."""

    staff: Staff
    session: StaffSession


def check_letters() -> Response | None:
    """Refuse in the rooms what no text holds, and no database keeps; no browser sends it."""
    if request.blueprint not in ROOMS:
        return None
    given = (text for _, text in (*request.args.items(multi=True), *request.form.items(multi=True)))
    found = any("\0" in text for text in (request.path, *given))
    return failures.failure_page(400) if found else None


def check_access() -> Response | None:
    """Let through who may use this route; send the others away.

    Who is nobody is asked to log in. What somebody has no part in is not there for them; only an
    admin's act is refused to a member as such.
    """
    who = ACCESS.get(request.endpoint or "")
    if who is None:
        if request.blueprint in ROOMS:
            raise NotFound
        return None
    if who in _OPEN:
        return None
    found = _insider()
    if found is None:
        there = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("staff.log_in_form", next=there), 303)
    g.insider = found
    if _has_no_part(found, who):
        raise NotFound
    if who in {Who.MEMBER, Who.ADMIN}:
        g.membership = _membership(found.staff)
        if who is Who.ADMIN and g.membership.role is not Role.ADMIN:
            return failures.failure("staff_forbidden", 403)
    return None


def check_form_token() -> None:
    """Refuse a form that another site made the browser send."""
    if request.method == "POST":
        current_app.extensions["csrf"].protect()


def insider() -> Insider:
    """Who is in; the guard let them through."""
    return cast("Insider", g.insider)


def membership() -> Membership:
    """Their part in the organization that the address names."""
    return cast("Membership", g.membership)


def identifier(prefix: Prefix, shown: str) -> UUID:
    """Read an id out of an address; one that is none is not there."""
    try:
        return read(prefix, shown)
    except InvalidInputError as error:
        raise NotFound from error


def inside_only(address: str) -> str | None:
    """Take an address to go on to after login only when it is one of the rooms'."""
    parts = urlsplit(address)
    plain = not parts.scheme and not parts.netloc and "\\" not in address
    plain = plain and address.isprintable()
    return address if plain and address.startswith(f"{PATH}/") else None


def _insider() -> Insider | None:
    ours = cast("RoomSession", session).look()
    if ours is None:
        return None
    with services().unit_of_work() as work:
        staff = work.staff.get(ours.staff_id)
    if staff is None:
        return None
    return Insider(staff if ours.organization_id is None else _within(staff, ours), ours)


def _has_no_part(found: Insider, who: Who) -> bool:
    if who is Who.OPERATOR:
        return not found.staff.is_operator
    return request.endpoint in _OWN_LOCKS and found.session.organization_id is not None


def _within(staff: Staff, ours: StaffSession) -> Staff:
    """What somebody is in a session that an organization's own sign-in began.

    Whoever runs that sign-in can call themselves anybody there: it opens its own rooms only.
    """
    theirs = tuple(m for m in staff.memberships if m.organization_id == ours.organization_id)
    return replace(staff, memberships=theirs, is_operator=False)


def _membership(staff: Staff) -> Membership:
    organization_id = identifier(Prefix.ORGANIZATION, g.pop("organization", ""))
    for each in staff.memberships:
        if each.organization_id == organization_id:
            return each
    raise NotFound
