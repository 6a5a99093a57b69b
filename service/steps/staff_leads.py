"""A school's leads in its own rooms: masked in lists, opened one by one, answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.domain.delivery import DeliverySummary
from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.ids import Prefix, show
from models.domain.lead import DISPOSITION_TRANSITIONS, DispositionStatus, LeadProgress
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.school_lead import SchoolLead, SchoolLeadDetail
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

PAGE = 25
MOST_SENT = 50
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True, repr=False)
class LeadInList:
    """A lead as a list shows it."""

    lead: SchoolLead
    name: str
    email: str
    progress: LeadProgress


@dataclass(frozen=True, slots=True)
class LeadPage:
    """One page of a list; ``next_before`` is where the next one begins, if there is one."""

    leads: tuple[LeadInList, ...]
    next_before: UUID | None


@dataclass(frozen=True, slots=True, repr=False)
class LeadShown:
    """One lead; ``student`` is masked unless it was opened, None when the student erased it.

    ``sent``: what was sent of it, to the organization's own destinations, oldest first.
    """

    detail: SchoolLeadDetail
    progress: LeadProgress
    student: Mapping[str, Any] | None
    may_say: tuple[DispositionStatus, ...]
    sent: tuple[DeliverySummary, ...]


def list_leads(services: Services, organization_id: UUID, before: UUID | None) -> LeadPage:
    """List an organization's leads, newest first, without saying who they are."""
    with services.unit_of_work() as work:
        found = work.school_leads.page(organization_id, before, PAGE + 1)
        shown = tuple(_in_list(work, lead) for lead in found[:PAGE])
    more = len(found) > PAGE
    return LeadPage(shown, shown[-1].lead.id if more else None)


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
    student = detail.lead.student
    if student is not None and not opened:
        student = _masked(student)
    following = DISPOSITION_TRANSITIONS[progress.said]
    return LeadShown(
        detail,
        progress,
        student,
        tuple(each for each in DispositionStatus if each in following),
        tuple(sorted(sent, key=lambda each: (each.created_at, each.id))),
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
    raw = json.dumps({**typed, "by": show(Prefix.STAFF, staff.id)}, sort_keys=True).encode()
    kept = keep_disposition(services, about, raw, lambda _: _read(typed))
    with services.unit_of_work() as work:
        work.organizations.record_audit(
            staff_actor(staff),
            "lead.disposition",
            show(Prefix.LEAD, about.lead_id),
            {"status": kept.status.value},
            services.clock.now(),
        )
    return kept


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


def _in_list(work: UnitOfWork, lead: SchoolLead) -> LeadInList:
    masked = _masked(lead.student) if lead.student is not None else {}
    name = f"{masked.get('first_name', '')} {masked.get('last_name', '')}".strip()
    progress = work.deliveries.of_lead(lead.id)
    return LeadInList(lead, name, str(masked.get("email", "")), progress)


def _masked(student: Mapping[str, Any]) -> dict[str, Any]:
    phone = str(student.get("phone") or "")
    return {
        "first_name": mask(str(student.get("first_name", ""))),
        "last_name": mask(str(student.get("last_name", ""))),
        "email": mask_email(str(student.get("email", ""))),
        "phone": f"…{phone[-2:]}" if phone else None,
        "desired_start": student.get("desired_start"),
    }


def _own(work: UnitOfWork, organization_id: UUID, lead_id: UUID) -> SchoolLeadDetail:
    found = work.school_leads.one(organization_id, lead_id)
    if found is None:
        raise NotFoundError("there is no such lead")
    return found
