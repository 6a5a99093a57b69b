"""Withdraw, correct or delete a request that was sent; each school is told by its own channel.

Whoever calls has checked that the request is the caller's.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.domain.afterwards import Told
from models.domain.delivery import Purpose
from models.domain.errors import InvalidInputError, NotFoundError
from models.domain.person import ErasedBy
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.request import Student
from service.said import say
from service.services import Services
from service.steps.anew import changed
from service.steps.confirm_email import ask_again
from service.steps.person import erase, tell


@dataclass(frozen=True, slots=True)
class SchoolThen:
    """A school of a request, and what it was told since; ``over``: it uses the request no more."""

    unitid: int
    name: str
    lead_id: UUID
    told: tuple[Told, ...]

    @property
    def over(self) -> bool:
        """Whether the student has taken the request back from it."""
        return any(one.purpose is not Purpose.CORRECTION for one in self.told)

    @property
    def deleted_at(self) -> datetime | None:
        """When it ended by deletion; None where it did not, or by an earlier withdrawal."""
        ends = [one for one in self.told if one.purpose is not Purpose.CORRECTION]
        return ends[0].asked_at if ends and ends[0].purpose is Purpose.DELETION else None


@dataclass(frozen=True, slots=True)
class RequestThen:
    """A request after it was sent; ``student`` is None once it was deleted."""

    request_id: UUID
    schools: tuple[SchoolThen, ...]
    student: Student | None
    locale: str

    @property
    def open(self) -> tuple[SchoolThen, ...]:
        """The schools that still have it."""
        return tuple(school for school in self.schools if not school.over)


def view_afterwards(services: Services, request_id: UUID) -> RequestThen:
    """Tell what a student may still change, and what schools were told.

    Raises:
        NotFoundError: when there is no such request.
    """
    with services.unit_of_work() as work:
        kept = work.requests.get(request_id)
        if kept is None:
            raise NotFoundError("There is no such request.")
        told, student = work.afterwards.told(request_id), work.afterwards.student(request_id)
    schools = tuple(
        SchoolThen(lead.unitid, lead.school_name, lead.lead_id, _of(lead.lead_id, told))
        for lead in kept.leads
    )
    return RequestThen(request_id, schools, student, kept.locale)


def withdraw(services: Services, request_id: UUID, unitids: Collection[int]) -> None:
    """Take a request back from schools that have it.

    Raises:
        InvalidInputError: when no school of the request is named.
    """
    named = [one.unitid for one in view_afterwards(services, request_id).schools]
    chosen = [unitid for unitid in named if unitid in unitids]
    if not chosen:
        raise InvalidInputError({"school_id": [say("withdraw_none")]})
    now = services.clock.now()
    changed(
        services.unit_of_work,
        lambda work: tell(work, request_id, chosen, Purpose.WITHDRAWAL, now),
    )
    services.nudge()


def correct(services: Services, request_id: UUID, student: Student) -> bool:
    """Tell the schools that have a request what the student says now.

    Schools that wait for the e-mail address to be confirmed wait for the new one.

    Returns:
        Whether anything was changed.

    Raises:
        InvalidInputError: when its e-mail address changed too often.
        NotFoundError: when nothing personal is kept of it any more.
    """
    then = view_afterwards(services, request_id)

    def change(work: UnitOfWork) -> bool:
        # Reading the student locks the request: what is read next stays true.
        said, asked = work.afterwards.student(request_id), work.requests.confirmation(request_id)
        work.afterwards.correct(request_id, student)
        differs = work.afterwards.student(request_id) != said
        if differs:
            still = [school.unitid for school in then.open]
            tell(work, request_id, still, Purpose.CORRECTION, services.clock.now())
        if work.requests.confirmation(request_id).address != asked.address:
            ask_again(services, work, request_id, student.email, then.locale)
        return differs

    corrected = changed(services.unit_of_work, change)
    services.nudge()
    return corrected


def delete(services: Services, request_id: UUID) -> None:
    """Delete what a student said of themselves here, and ask every school to do the same."""
    now = services.clock.now()
    changed(services.unit_of_work, lambda work: erase(work, request_id, now, ErasedBy.STUDENT))
    services.nudge()


def _of(lead_id: UUID, told: Sequence[Told]) -> tuple[Told, ...]:
    return tuple(one for one in told if one.lead_id == lead_id)
