"""Destinations: where a school takes leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.domain.errors import TransitionError
from models.domain.question import OwnQuestion


class DestinationStatus(StrEnum):
    """Whether leads go there; ``disabled`` is what a receiver's 410 does.

    One that was ``removed`` is listed no more; what was sent there stays in the ledger.
    """

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    REMOVED = "removed"


D = DestinationStatus
TRANSITIONS: dict[DestinationStatus, frozenset[DestinationStatus]] = {
    D.DRAFT: frozenset({D.ACTIVE, D.DISABLED, D.REMOVED}),
    D.ACTIVE: frozenset({D.PAUSED, D.DISABLED}),
    D.PAUSED: frozenset({D.ACTIVE, D.DISABLED, D.REMOVED}),
    D.DISABLED: frozenset({D.ACTIVE, D.REMOVED}),
    D.REMOVED: frozenset(),
}


def check_transition(old: DestinationStatus, new: DestinationStatus) -> None:
    """Refuse what the table does not allow.

    Raises:
        TransitionError: when ``new`` cannot follow ``old``.
    """
    if new not in TRANSITIONS[old]:
        raise TransitionError("destination", old, new)


@dataclass(frozen=True, slots=True)
class Pace:
    """How much a school's system takes: posts in any ``seconds``, and how many at once."""

    posts: int
    seconds: int
    at_once: int


@dataclass(frozen=True, slots=True, repr=False)
class NewDestination:
    """What a destination is made from."""

    name: str
    kind: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, Any]
    unitids: tuple[int, ...]
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class Destination:
    """A destination as staff see it: everything but its secrets."""

    id: UUID
    organization_id: UUID
    organization_name: str
    fictional: bool
    name: str
    kind: str
    status: DestinationStatus
    version: int
    settings: Mapping[str, Any]
    unitids: tuple[int, ...]
    tested_at: datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class DestinationConfig:
    """Everything that sending needs, secrets too; it has no ``repr`` so that none is logged."""

    id: UUID
    organization_id: UUID
    kind: str
    version_id: UUID
    settings: Mapping[str, Any]
    secrets: Mapping[str, Any]
    status: DestinationStatus


@dataclass(frozen=True, slots=True)
class TakesRequests:
    """Who takes a school's requests here; ``organic``: free ones too, without any campaign.

    ``questions``: what the school asks each student, in its own words.
    """

    organization_id: UUID
    organization_name: str
    organic: bool
    fictional: bool
    questions: tuple[OwnQuestion, ...] = ()
