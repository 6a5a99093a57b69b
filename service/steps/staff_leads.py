"""A school's leads in its own rooms: opened one by one, answered, given back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.domain.delivery import Attempt, DeliverySummary
from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.ids import Prefix, show
from models.domain.lead import (
    DISPOSITION_TRANSITIONS,
    DispositionStatus,
    LeadProgress,
    Verdict,
)
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.returns import ReturnTerms
from models.domain.school_lead import SchoolLeadDetail
from models.domain.staff import Staff, mask, mask_email
from service.said import say
from service.services import Services
from service.steps.import_dispositions import ImportedTable, import_dispositions
from service.steps.receive_disposition import (
    AboutLead,
    DispositionInput,
    DispositionKept,
    keep_disposition,
)
from service.steps.staff_doors import staff_actor

MOST_SENT = 50
_LONGEST_REASON = 500
_RETURNED = DispositionStatus.RETURNED


@dataclass(frozen=True, slots=True, repr=False)
class LeadShown:
    """One lead; ``student`` is masked unless it was opened, None when the student erased it.

    Who took the request back, or wants to be contacted no more, stays masked: export and feed tell
    nothing of them either.

    ``sent``: what was sent of it, to the organization's own destinations, oldest first; ``tries``
    at each, by its id.
    ``returnable``: whether it may be given back at all; ``terms``: under which a charge is then
    taken back, None where nothing is charged, and ``foreseen`` what that would come to now.
    """

    detail: SchoolLeadDetail
    progress: LeadProgress
    student: Mapping[str, Any] | None
    may_say: tuple[DispositionStatus, ...]
    sent: tuple[DeliverySummary, ...]
    tries: Mapping[UUID, Sequence[Attempt]]
    returnable: bool
    terms: ReturnTerms | None
    foreseen: Verdict | None


def view_lead(
    services: Services, organization_id: UUID, lead_id: UUID, *, opened: bool
) -> LeadShown:
    """Read one lead.

    Raises:
        NotFoundError: when it is not this organization's; another's is as good as none.
    """
    with services.unit_of_work() as work:
        detail = _own(work, organization_id, lead_id)
        progress = work.deliveries.of_lead(lead_id)
        sent = work.deliveries.listed((), lead_id, None, MOST_SENT)
        tries = work.deliveries.attempts([each.id for each in sent])
        terms = work.returns.terms(organization_id, lead_id)
    student = detail.lead.student
    if student is not None and (detail.lead.withheld or not opened):
        student = masked(student)
    following = DISPOSITION_TRANSITIONS[progress.said]
    return LeadShown(
        detail,
        progress,
        student,
        tuple(each for each in DispositionStatus if each in following - {_RETURNED}),
        tuple(sorted(sent, key=lambda each: (each.created_at, each.id))),
        tries,
        _RETURNED in following,
        terms,
        terms.judge(_RETURNED, services.clock.now()) if terms else None,
    )


def open_lead(services: Services, staff: Staff, organization_id: UUID, lead_id: UUID) -> None:
    """Note that somebody looks at who a lead is; only then they may see it.

    Raises:
        NotFoundError: when it is not this organization's.
    """
    with services.unit_of_work() as work:
        _own(work, organization_id, lead_id)
        work.organizations.record_audit(
            staff_actor(staff),
            "lead.open",
            show(Prefix.LEAD, lead_id),
            {"organization": show(Prefix.ORGANIZATION, organization_id)},
            services.clock.now(),
        )


def say_disposition(
    services: Services, staff: Staff, about: AboutLead, typed: Mapping[str, str]
) -> DispositionKept:
    """Keep what somebody says became of a lead, by the same rules as the API's.

    Raises:
        NotFoundError: when it is not this organization's.
        InvalidInputError: when a value cannot be used.
        ConflictError: when it cannot follow what was said before.
    """
    # A form is mended where it stands: unlike what a system says, none is kept that cannot be read.
    said = _read(typed)
    raw = json.dumps({**typed, "by": show(Prefix.STAFF, staff.id)}, sort_keys=True).encode()
    kept = keep_disposition(services, about, raw, lambda _: said)
    with services.unit_of_work() as work:
        work.organizations.record_audit(
            staff_actor(staff),
            "lead.disposition",
            show(Prefix.LEAD, about.lead_id),
            {"status": kept.status.value},
            services.clock.now(),
        )
    return kept


def return_lead(services: Services, staff: Staff, about: AboutLead, reason: str) -> DispositionKept:
    """Give a lead back; its charge is taken back within window and quota.

    Raises:
        NotFoundError: when it is not this organization's.
        InvalidInputError: when no reason is given.
        ConflictError: when it cannot be given back, or its charge stands; the text says why.
    """
    if not reason.strip():
        raise InvalidInputError({"return_reason": ["Say why you give it back"]})
    typed = {"status": _RETURNED.value, "reason": reason}
    try:
        return say_disposition(services, staff, about, typed)
    except InvalidInputError as error:
        raise InvalidInputError({"return_reason": next(iter(error.messages.values()))}) from error


def say_dispositions(
    services: Services, staff: Staff, organization_id: UUID, table: bytes
) -> ImportedTable:
    """Keep the rows of a table that can count; the others stop none of them.

    Raises:
        InvalidInputError: when it is no such table; nothing of it was kept.
    """
    kept = import_dispositions(services, organization_id, table)
    with services.unit_of_work() as work:
        work.organizations.record_audit(
            staff_actor(staff),
            "dispositions.import",
            show(Prefix.ORGANIZATION, organization_id),
            {"kept": kept.kept, "refused": len(kept.refused)},
            services.clock.now(),
        )
    return kept


def _read(typed: Mapping[str, str]) -> DispositionInput:
    reason = typed.get("reason", "").strip()
    if len(reason) > _LONGEST_REASON:
        raise InvalidInputError({"reason": [say("too_long", most=_LONGEST_REASON)]})
    try:
        status = DispositionStatus(typed.get("status", ""))
    except ValueError as error:
        raise InvalidInputError({"status": [say("disposition_empty")]}) from error
    return DispositionInput(status, reason or None)


def masked(student: Mapping[str, Any]) -> dict[str, Any]:
    """Show that there is something, and how it begins."""
    phone, email = str(student.get("phone") or ""), str(student.get("email") or "")
    return {
        "first_name": mask(str(student.get("first_name", ""))),
        "last_name": mask(str(student.get("last_name", ""))),
        "email": mask_email(email) if email else None,
        "phone": f"…{phone[-2:]}" if phone else None,
        "desired_start": student.get("desired_start"),
    }


def _own(work: UnitOfWork, organization_id: UUID, lead_id: UUID) -> SchoolLeadDetail:
    found = work.school_leads.one(organization_id, lead_id)
    if found is None:
        raise NotFoundError("there is no such lead")
    return found
