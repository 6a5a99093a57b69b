"""A person and what is kept of them: a copy for them, erasing them, and a receipt of that."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from models.domain.afterwards import Told
from models.domain.delivery import Purpose
from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.ids import Prefix, show
from models.domain.person import ErasedBy
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from models.domain.request import KeptRequest, Student
from models.domain.school_id import show_school
from models.exchange.kinds import KINDS
from service.said import say
from service.services import Services

# What outlives a person: numbers and hashes that lead to nobody.
STAYS = (
    "Hashes of your e-mail address, and of a phone number that a school could call.",
    "Nobody can read them back. They let us refuse requests in your name from anybody else.",
    "That somebody agreed, when, and to which words, without who it was.",
    "How many requests each school got, and what it paid for them.",
)


def copy_for(unit_of_work: UnitOfWorkFactory, request_id: UUID) -> dict[str, Any]:
    """Write down everything that is kept of a request's student, or that they were erased.

    Raises:
        NotFoundError: when there is no such request.
    """
    with unit_of_work() as work:
        kept = work.requests.get(request_id)
        if kept is None:
            raise NotFoundError("There is no such request.")
        return work.persons.copy(request_id) or _receipt(work, kept)


def erase(work: UnitOfWork, request_id: UUID, now: datetime, by: ErasedBy) -> None:
    """Ask every school that has a request to delete it, and erase its student here.

    Raises:
        NotFoundError: when there is no such request.
    """
    kept = work.requests.get(request_id)
    if kept is None:
        raise NotFoundError("There is no such request.")
    tell(work, request_id, [lead.unitid for lead in kept.leads], Purpose.DELETION, now)
    work.persons.erase(request_id, now, by)


def refuse_forgotten(services: Services, work: UnitOfWork, student: Student) -> None:
    """Let nobody but themselves enter a person again who was erased.

    Raises:
        InvalidInputError: naming the address, when they were.
    """
    if work.persons.forgotten(student.email, student.phone):
        said = say("person_forgotten", address=services.public_url)
        raise InvalidInputError({"student.email": [said]})


def tell(
    work: UnitOfWork,
    request_id: UUID,
    unitids: Sequence[int],
    purpose: Purpose,
    now: datetime,
) -> None:
    """Tell schools of a change by their own channel, or by e-mail where that cannot carry it."""

    def mails(kind: str, settings: Mapping[str, Any], active: bool) -> bool:  # noqa: FBT001 - a port
        return kind in KINDS and KINDS[kind].mails(settings, purpose, active=active)

    work.afterwards.tell(request_id, unitids, purpose, now, mails)


def _receipt(work: UnitOfWork, kept: KeptRequest) -> dict[str, Any]:
    """Say that nothing personal is kept, and which school was told when."""
    told = [one for one in work.afterwards.told(kept.request_id) if one.purpose is Purpose.DELETION]
    of = {one.lead_id: one for one in told}
    return {
        "request_id": show(Prefix.REQUEST, kept.request_id),
        "sent_at": kept.created_at.isoformat(timespec="seconds"),
        "about_you": None,
        "schools": [
            {
                "lead_id": show(Prefix.LEAD, lead.lead_id),
                "school_id": show_school(lead.unitid),
                "name": lead.school_name,
                "asked_to_delete": _told(of.get(lead.lead_id)),
            }
            for lead in kept.leads
        ],
        "what_stays": list(STAYS),
    }


def _told(told: Told | None) -> dict[str, Any] | None:
    """How a school was asked to delete what it has; None where it was not."""
    if told is None:
        return None
    settled = told.settled_at and told.settled_at.isoformat(timespec="seconds")
    return {
        "at": told.asked_at.isoformat(timespec="seconds"),
        "by": "email" if told.by_mail else "the school's own channel",
        "needless": told.needless,
        "arrived_at": settled if told.arrived else None,
    }
