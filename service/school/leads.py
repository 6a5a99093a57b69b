"""Leads: a list that names nobody, and one lead, opened on purpose."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request, session, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import ConflictError, InvalidInputError
from models.domain.ids import Prefix, show
from service.staff.guard import identifier, insider, membership
from service.staff.pages import done, refused, room, wrong
from service.steps import staff_leads
from service.steps.receive_disposition import AboutLead
from service.web.pages import services
from service.web.problems import Problems

_MOST_OPENED = 200


def leads() -> Response:
    """Show the list."""
    before = request.args.get("before")
    start = identifier(Prefix.LEAD, before) if before else None
    found = staff_leads.list_leads(services(), membership().organization_id, start)
    return room("school/leads.html", leads=found.leads, next_before=found.next_before)


def lead(lead_id: str) -> Response:
    """Show one lead, masked until it is opened in this session."""
    return _draw(lead_id, Problems(), 200)


def open_lead(lead_id: str) -> Redirect:
    """Write down that somebody looks, then let them."""
    found = identifier(Prefix.LEAD, lead_id)
    staff_leads.open_lead(services(), insider().staff, membership().organization_id, found)
    session["opened"] = [*session.get("opened", []), lead_id][-_MOST_OPENED:]
    return done("school.lead.opened", url_for("school.lead", lead_id=lead_id))


def say(lead_id: str) -> Response | Redirect:
    """Keep what became of a lead."""
    about = AboutLead(membership().organization_id, identifier(Prefix.LEAD, lead_id))
    typed = {name: request.form.get(name, "") for name in ("status", "reason")}
    address = url_for("school.lead", lead_id=lead_id)
    try:
        staff_leads.say_disposition(services(), insider().staff, about, typed)
    except InvalidInputError as error:
        return _draw(lead_id, wrong(error), 422)
    except ConflictError:
        return refused(None, address)
    return done("school.lead.said", address)


def _draw(lead_id: str, problems: Problems, status: int) -> Response:
    found, organization = identifier(Prefix.LEAD, lead_id), membership().organization_id
    opened = lead_id in session.get("opened", [])
    shown = staff_leads.view_lead(services(), organization, found, opened=opened)
    return room(
        "school/lead.html",
        status,
        problems=problems,
        lead=shown,
        lead_id=show(Prefix.LEAD, found),
        place=_place(shown.detail.search),
        opened=opened,
    )


def _place(search: Mapping[str, Any]) -> str:
    """Where the student is, as the request's slate keeps it."""
    code = search.get("postal_code")
    return str((code if isinstance(code, str) else None) or search.get("region") or "")
