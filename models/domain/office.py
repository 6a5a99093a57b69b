"""What an operator looks after: organizations, returns, addresses that must not be used, people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

# How far back an operator's figures look.
LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class OrganizationState:
    """An organization and how it does; ``leads`` and ``arrived`` are of the last 30 days."""

    id: UUID
    name: str
    fictional: bool
    unitids: tuple[int, ...]
    people: int
    destinations: int
    failing: int
    campaigns: int
    leads: int
    arrived: int
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReturnsOf:
    """What one campaign gave back of the leads of a month (``2026-11``).

    ``percent``: at most so many of a hundred charged leads may be returned; None: any.
    """

    organization: str
    campaign: str
    month: str
    percent: int | None
    charged: int
    returned: int
    refused: int


class AddressKind(StrEnum):
    """What an address is."""

    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Stopped:
    """How many addresses must not be used, for one reason."""

    kind: AddressKind
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class KeptPeople:
    """How many persons are kept, and were erased, by whom."""

    kept: int
    oldest: datetime | None
    erased: dict[str, int]


class AlarmKind(StrEnum):
    """Something that an operator should see before anybody complains."""

    DESTINATIONS = "destinations"
    DELIVERIES = "deliveries"
    OVERDUE = "overdue"
    MAIL = "mail"
    REFUSALS = "refusals"
    CAPS = "caps"
    UNSEALED = "unsealed"
    APPROVALS = "approvals"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One kind of trouble and how much of it there is."""

    kind: AlarmKind
    count: int
