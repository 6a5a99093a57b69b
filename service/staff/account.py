"""Somebody's own account: which rooms they have, where they are logged in, and out."""

import json
from dataclasses import dataclass
from datetime import datetime

from flask import Response, redirect, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.ids import Prefix, show
from models.domain.staff import StaffSession
from service.staff.guard import identifier, insider
from service.staff.pages import done, room
from service.staff.session import forget
from service.steps import staff_doors
from service.web.pages import services


@dataclass(frozen=True, slots=True)
class ShownSession:
    """A session as its owner sees it."""

    id: str
    this: bool
    began: datetime
    seen: datetime
    network: str
    agent: str


def home() -> Response | Redirect:
    """Go to the only room somebody has, or show them all."""
    staff = insider().staff
    if len(staff.memberships) == 1 and not staff.is_operator:
        only = show(Prefix.ORGANIZATION, staff.memberships[0].organization_id)
        return redirect(url_for("school.today", organization=only), 303)
    if staff.is_operator and not staff.memberships:
        return redirect(url_for("operator.alarms"), 303)
    return room("staff/home.html")


def log_out() -> Redirect:
    """End this session."""
    who = insider()
    staff_doors.log_out(services(), who.staff, who.session)
    response = redirect(url_for("staff.log_in_form"), 303)
    forget(response)
    return response


def sessions() -> Response:
    """Show where they are logged in."""
    who = insider()
    found = staff_doors.sessions_seen(services(), who.staff, who.session)
    return room("staff/sessions.html", sessions=[_shown(each, who.session) for each in found])


def end_session(session_id: str) -> Redirect:
    """End one of their sessions."""
    who, wanted = insider(), identifier(Prefix.SESSION, session_id)
    if wanted == who.session.id:
        return log_out()
    staff_doors.end_session(services(), who.staff, wanted, by=who.session)
    return done("staff.sessions.ended", url_for("staff.sessions"))


def end_others() -> Redirect:
    """End all of their sessions but this one."""
    who = insider()
    staff_doors.end_other_sessions(services(), who.staff, who.session)
    return done("staff.sessions.ended_others", url_for("staff.sessions"))


def _shown(each: StaffSession, this: StaffSession) -> ShownSession:
    data = json.loads(each.data)
    return ShownSession(
        id=show(Prefix.SESSION, each.id),
        this=each.id == this.id,
        began=each.began_at,
        seen=each.seen_at,
        network=str(data.get("from", "")),
        agent=str(data.get("agent", "")),
    )
