"""A claim: an organization says that a school's listing is its own; an operator decides."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.domain.errors import TransitionError


class ClaimStatus(StrEnum):
    """What became of a claim."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"


_DECISIONS = frozenset({ClaimStatus.APPROVED, ClaimStatus.DECLINED})
TRANSITIONS: dict[ClaimStatus, frozenset[ClaimStatus]] = {
    ClaimStatus.PENDING: _DECISIONS,
    ClaimStatus.APPROVED: frozenset(),
    ClaimStatus.DECLINED: frozenset(),
}


def check_transition(old: ClaimStatus, new: ClaimStatus) -> None:
    """Refuse what the table does not allow.

    Raises:
        TransitionError: when ``new`` cannot follow ``old``.
    """
    if new not in TRANSITIONS[old]:
        raise TransitionError("claim", old, new)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as kept; ``destination_id`` is where the school's requests shall go."""

    id: UUID
    organization_id: UUID
    organization_name: str
    unitid: int
    destination_id: UUID | None
    takes_organic: bool
    status: ClaimStatus
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class OwnedSchool:
    """A school that belongs to an organization.

    ``destinations`` counts those that are active and tested: without one it takes no requests.
    """

    unitid: int
    takes_organic: bool
    claimed_at: datetime
    destinations: int
