"""A request: one submission by one student, and what becomes of it.

Plain values, shared by the steps (which check and make them) and the database (which keeps them).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from models.domain.consent import Channel, ConsentText
from models.domain.lead import LeadStatus
from models.domain.matching import NotTakenReason

MOST_SCHOOLS = 5


@dataclass(frozen=True, slots=True)
class Student:
    """What a student says of themselves; personal data, sealed wherever it rests.

    ``phone`` is in E.164 form, such as ``+14045550123``.
    """

    first_name: str
    last_name: str
    email: str
    phone: str | None
    desired_start: str | None
    age_18_or_over: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a submission came from, kept beside the consents; sealed."""

    address: str
    user_agent: str
    page: str


@dataclass(frozen=True, slots=True)
class LeadListing:
    """One ticked listing of a school."""

    listing_id: str
    program_id: str
    campaign_version_id: UUID | None
    position: int
    organic_position: int


@dataclass(frozen=True, slots=True)
class NewConsent:
    """A consent as given: the text agreed to, and the canonical bytes that witness it."""

    id: UUID
    unitid: int
    channel: Channel
    text: ConsentText
    canonical: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class NewLead:
    """A lead to be made: one school, its ticked listings, answers and consents.

    ``listings`` are in order of position, and a request's leads in order of their first one.
    ``takes_organic`` says whether the school takes requests it does not pay for, so that a full
    campaign need not end an organic listing's request.
    """

    id: UUID
    unitid: int
    organization_id: UUID
    listings: tuple[LeadListing, ...]
    consents: tuple[NewConsent, ...]
    answers: Mapping[str, str] = field(default_factory=dict)
    takes_organic: bool = False


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A chosen school that gets no lead, and why."""

    unitid: int
    reason: NotTakenReason


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A submission that was checked and can be accepted.

    ``not_taken`` are schools known to be full or closed before consent was asked; they have no
    lead here.
    ``confirm``: its leads wait until the student opened the link in a mail, whoever they are for.
    ``slate`` is the kept copy: ``{"slate": …, "listings": […]}`` (see ``models.domain.slates``).
    """

    id: UUID
    person_id: UUID
    created_at: datetime
    source: str
    idempotency_key: str
    body_hash: bytes
    slate_id: UUID
    slate: Mapping[str, Any]
    locale: str
    jurisdiction: str
    student: Student
    evidence: Evidence
    privacy_control: bool
    leads: tuple[NewLead, ...]
    not_taken: tuple[NotTaken, ...] = ()
    publisher_id: UUID | None = None
    landing_page: str | None = None
    creative: str | None = None
    confirm: bool = False

    @property
    def free(self) -> bool:
        """Whether nobody pays for any of its leads, and none waits for a confirmed address."""
        organic = all(
            each.takes_organic and all(at.campaign_version_id is None for at in each.listings)
            for each in self.leads
        )
        return organic and bool(self.leads) and not self.confirm


@dataclass(frozen=True, slots=True)
class AcceptedLead:
    """A lead as the student sees it right after acceptance.

    ``confirm_by``: it waits so long for the student to confirm the e-mail address.
    """

    lead_id: UUID
    unitid: int
    status: LeadStatus = LeadStatus.ACCEPTED_BY_US
    confirm_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class AcceptedRequest:
    """What acceptance came to; a repeated submission reads the same back.

    ``leads`` are in order of their best position on the slate.
    """

    request_id: UUID
    created_at: datetime
    body_hash: bytes
    leads: tuple[AcceptedLead, ...]
    not_taken: tuple[NotTaken, ...]


@dataclass(frozen=True, slots=True)
class KeptLead:
    """A lead as kept, for its student's eyes."""

    lead_id: UUID
    unitid: int
    school_name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """A request as kept, without personal data."""

    request_id: UUID
    created_at: datetime
    locale: str
    leads: tuple[KeptLead, ...]
    not_taken: tuple[NotTaken, ...]
    school_names: Mapping[int, str]
