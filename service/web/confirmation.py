"""The confirmation: where a request stands, school by school; only for who sent it."""

from dataclasses import dataclass
from datetime import datetime

from flask import Response, request

from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.ids import Prefix, read, show
from models.domain.lead import LeadStatus
from models.domain.school_id import show_school
from service.steps.change_request import RequestThen, SchoolThen, view_afterwards
from service.steps.outputs import LeadView, RequestView
from service.steps.view_request import view_request
from service.web import draft as drafts
from service.web.afterwards import ShownChange, changes
from service.web.dates import moment_in_words
from service.web.failures import elsewhere
from service.web.languages import spoken_here
from service.web.outcome import outcome_of
from service.web.pages import page, private, services, t

_CHANGED = frozenset({"withdrawn", "corrected", "same", "deleted"})


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """Something that happened."""

    iso: str
    at: str
    status: str


@dataclass(frozen=True, slots=True)
class ShownLead:
    """One school's part."""

    id: str
    school: str
    status: str
    timeline: list[ShownEntry]
    changes: list[ShownChange]
    school_id: str
    open: bool


def confirmation(request_id: str) -> Response:
    """Draw where the request stands now."""
    sent = drafts.sent_as(request_id) or _just_sent(request_id)
    if sent is None:
        return elsewhere()
    try:
        identifier = read(Prefix.REQUEST, request_id)
        view, then = view_request(services(), identifier), view_afterwards(services(), identifier)
    except (InvalidInputError, NotFoundError):
        return elsewhere()
    again = request.args.get("again") == "1"
    return private(
        page(
            "sent.html",
            heading=_heading(view, then, again=again),
            waits_until=_waits_until(view),
            mail_stopped=_mail_stopped(view),
            again=again,
            reference=request_id,
            leads=[_lead(lead, then) for lead in view.leads],
            not_taken=[
                {"name": school.school_name, "reason": school.reason} for school in view.not_taken
            ],
            results_url=spoken_here(sent.results_url),
            changed=changed if (changed := request.args.get("changed", "")) in _CHANGED else "",
            withdrawable=bool(then.open),
            deletable=then.student is not None and bool(view.leads),
        )
    )


def _just_sent(request_id: str) -> drafts.SentRequest | None:
    """A request that was kept when the session could not note it."""
    going_on = drafts.draft()
    sent = outcome_of(going_on) if going_on else None
    return sent if sent and sent.request_id == request_id else None


def _heading(view: RequestView, then: RequestThen, *, again: bool) -> str:
    if then.schools and not then.open:
        return t("afterwards.over" if then.student else "afterwards.erased")
    if _waits_until(view) and then.student is not None:
        if _mail_stopped(view):
            return t("confirm_request.stopped_title", email=then.student.email)
        return t("confirm_request.title", email=then.student.email)
    if view.leads and all(lead.status is LeadStatus.WITHDRAWN for lead in view.leads):
        return t("unsubscribe.stopped_title")
    if again:
        return t("sent.again_title")
    return t("sent.title" if view.leads else "sent.nothing_sent")


def _waits_until(view: RequestView) -> str:
    """Until when every school waits for the student to open the link in the mail; else empty."""
    waiting = [lead.confirm_by for lead in view.leads if _waits(lead)]
    times = [until for until in waiting if until is not None]
    return moment_in_words(max(times)) if times and len(times) == len(view.leads) else ""


def _mail_stopped(view: RequestView) -> bool:
    return any(lead.mail_stopped for lead in view.leads)


def _waits(lead: LeadView) -> bool:
    return lead.confirm_by is not None and lead.status is LeadStatus.ACCEPTED_BY_US


def _lead(lead: LeadView, then: RequestThen) -> ShownLead:
    school = next(one for one in then.schools if one.lead_id == lead.lead_id)
    return ShownLead(
        id=show(Prefix.LEAD, lead.lead_id),
        school=lead.school_name,
        status=_status(lead, lead.status, None, school),
        timeline=[
            ShownEntry(
                entry.at.isoformat(timespec="seconds"),
                moment_in_words(entry.at),
                _status(lead, entry.status, entry.at, school),
            )
            for entry in lead.timeline
        ],
        changes=changes(school),
        school_id=show_school(lead.unitid),
        open=not school.over,
    )


def _status(lead: LeadView, status: LeadStatus, at: datetime | None, school: SchoolThen) -> str:
    """Say a status; of a lead that waits for its student what for, of one we stopped why."""
    if lead.confirm_by is not None:
        if status is LeadStatus.ACCEPTED_BY_US:
            if lead.mail_stopped:
                return t("confirm_lead.stopped")
            return t("confirm_lead.waits", time=moment_in_words(lead.confirm_by))
        if status is LeadStatus.EXPIRED:
            return _not_confirmed(lead)
    deleted_at = school.deleted_at
    if status is LeadStatus.WITHDRAWN and deleted_at and (at is None or at >= deleted_at):
        return t("afterwards.deleted")
    if status is LeadStatus.WITHDRAWN and not school.over:
        return _not_confirmed(lead) if lead.confirm_by else t("unsubscribe.lead")
    return t(f"lead_status.{status}")


def _not_confirmed(lead: LeadView) -> str:
    return t("unsubscribe.lead" if lead.mail_stopped else "confirm_lead.too_late")
