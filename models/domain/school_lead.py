"""Leads as their school's staff see them, and the audit as operators see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, repr=False)
class SchoolLead:
    """One lead in a list; ``student`` is None once the student's key is shredded."""

    id: UUID
    unitid: int
    school_name: str
    programs: tuple[str, ...]
    created_at: datetime
    sponsored: bool
    student: Mapping[str, Any] | None


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
class AuditRow:
    """Who did what to what, and when."""

    at: datetime
    actor_kind: str
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
