"""What a dispute over one lead is about, as it was kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, repr=False)
class Disputed:
    """Everything kept of one lead, as plain values that JSON can hold.

    ``student``, ``evidence``, ``answers`` and what consents and deliveries hold sealed are None
    once the person's key was shredded. ``proof`` is the consents' place in their chain.
    """

    slate_id: UUID
    lead: Mapping[str, Any]
    student: Mapping[str, Any] | None
    evidence: Mapping[str, Any] | None
    answers: Mapping[str, Any] | None
    listings: Sequence[Mapping[str, Any]]
    campaign: Mapping[str, Any] | None
    consents: Sequence[Mapping[str, Any]]
    deliveries: Sequence[Mapping[str, Any]]
    dispositions: Sequence[Mapping[str, Any]]
    messages: Sequence[Mapping[str, Any]]
    proof: Mapping[str, Any]
