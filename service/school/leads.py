"""Leads: a list that names nobody, searched and narrowed; one lead, opened on purpose."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request, session, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.campaign_changes import money
from models.domain.errors import ConflictError, InvalidInputError
from models.domain.ids import Prefix, show
from models.domain.lead import DispositionStatus
from models.exchange.writing import write_table
from service.school import dispositions
from service.school.finding import FOUND, sought_now
from service.school.lead_filters import read_filters, selects
from service.staff.guard import identifier, insider, membership
from service.staff.pages import done, refused, room, wrong
from service.steps import staff_lead_lists, staff_leads
from service.steps.import_dispositions import COLUMNS
from service.steps.receive_disposition import AboutLead
from service.web.pages import services, t
from service.web.problems import Problems

_MOST_OPENED = 200
_TYPED = ("status", "reason", "return_reason")
_RETURNED = DispositionStatus.RETURNED


def leads() -> Response:
    """Show the list, narrowed and searched."""
    return _draw_list()


def say_many() -> Response:
    """Say what saying one thing of the ticked leads would come to; nothing of it is kept.

    The address names the page of the list: it comes again, as it was left, when something lacks.
    """
    ticked = request.form.getlist("lead_id")[: staff_lead_lists.PAGE]
    status, reason = request.form.get("status", ""), request.form.get("reason", "").strip()
    if not ticked or not status:
        return _draw_list(t("school.bulk.none" if not ticked else "school.bulk.no_status"))
    return dispositions.foresee(write_table(COLUMNS[:3], [(one, status, reason) for one in ticked]))


def give_back(lead_id: str) -> Response | Redirect:
    """Return a lead, with a reason."""
    about = AboutLead(membership().organization_id, identifier(Prefix.LEAD, lead_id))
    address = url_for("school.lead", lead_id=lead_id)
    reason = request.form.get("return_reason", "")
    try:
        staff_leads.return_lead(services(), insider().staff, about, reason)
    except InvalidInputError as error:
        return _draw(lead_id, wrong(error), 422)
    except ConflictError as error:
        return refused(str(error), address)
    return done("school.returns.done", address)


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
    except ConflictError as error:
        return refused(str(error), address)
    return done("school.lead.said", address)


def _draw_list(refused: str = "") -> Response:
    """Draw the page of the list that the address names; ``refused`` is why nothing was done."""
    typed, sought = read_filters(), sought_now()
    before = request.args.get("before")
    organization = membership().organization_id
    again = {**typed.values, **({FOUND: "1"} if sought else {})}
    found = staff_lead_lists.list_leads(
        services(),
        organization,
        typed.wanted,
        before=identifier(Prefix.LEAD, before) if before else None,
        sought=sought,
    )
    return room(
        "school/leads.html",
        422 if typed.problems or refused else 200,
        **({"notice": {"key": "", "refused": refused}} if refused else {}),
        problems=typed.problems,
        leads=found.leads,
        next_before=found.next_before,
        values=typed.values,
        again=again,
        here={**again, **({"before": before} if before else {})},
        ticked=request.form.getlist("lead_id"),
        said={name: request.form.get(name, "") for name in ("status", "reason")},
        selects=selects(staff_lead_lists.choices(services(), organization)),
        sought=sought,
        most_opened=staff_lead_lists.MOST_OPENED,
        statuses=[status for status in DispositionStatus if status is not _RETURNED],
    )


def _draw(lead_id: str, problems: Problems, status: int) -> Response:
    found, organization = identifier(Prefix.LEAD, lead_id), membership().organization_id
    opened = lead_id in session.get("opened", [])
    shown = staff_leads.view_lead(services(), organization, found, opened=opened)
    opened = opened and not shown.detail.lead.withheld
    return room(
        "school/lead.html",
        status,
        problems=problems,
        lead=shown,
        lead_id=show(Prefix.LEAD, found),
        place=_place(shown.detail.search),
        opened=opened,
        money=money,
        values={name: request.form.get(name, "") for name in _TYPED},
    )


def _place(search: Mapping[str, Any]) -> str:
    """Where the student is, as the request's slate keeps it."""
    code = search.get("postal_code")
    return str((code if isinstance(code, str) else None) or search.get("region") or "")
