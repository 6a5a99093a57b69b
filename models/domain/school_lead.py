"""Leads as their school's staff see them, and the audit as operators see it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.domain.consent import BY_PHONE, Channel
from models.domain.lead import LeadStatus
from models.domain.matching import Slate


@dataclass(frozen=True, slots=True, repr=False)
class SchoolLead:
    """One lead in a list; ``student`` is None once the student's key is shredded.

    ``price`` is in minor units of its currency; a free lead has none, and no campaign.
    ``withheld``: its student took the request back, or wants no more of that address or number.
    """

    id: UUID
    unitid: int
    school_name: str
    programs: tuple[str, ...]
    created_at: datetime
    status: LeadStatus
    price: tuple[int, str] | None
    campaign_name: str | None
    jurisdiction: str
    channels: tuple[Channel, ...]
    withheld: bool
    student: Mapping[str, Any] | None

    @property
    def sponsored(self) -> bool:
        """Whether a campaign pays for it."""
        return self.price is not None


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """A consent that came with a lead."""

    channel: str
    text: str
    agreed_at: datetime


@dataclass(frozen=True, slots=True, repr=False)
class SchoolLeadDetail:
    """Everything that a school may see of a lead of its own."""

    lead: SchoolLead
    search: Mapping[str, Any]
    answers: Mapping[str, str]
    consents: tuple[GivenConsent, ...]
    source: str
    locale: str
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What is kept of why a school stood where it stood: the slate, and its places there.

    ``slate`` is None where too little of it is kept to draw it again. It holds other
    organizations' offers, so it is never shown.
    """

    unitid: int
    positions: tuple[int, ...]
    slate: Slate | None


def told_to_school(student: Mapping[str, Any], channels: Collection[str]) -> dict[str, Any]:
    """Leave out the contact points of channels that the student did not agree to."""
    told = dict(student)
    if Channel.EMAIL not in channels:
        told["email"] = None
    if BY_PHONE.isdisjoint(channels):
        told["phone"] = None
    return told


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what to what, and when."""

    at: datetime
    actor_kind: str
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
