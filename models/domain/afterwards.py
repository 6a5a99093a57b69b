"""What a student may still do with a request that was sent, and what each school was told of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.domain.delivery import TERMINAL, DeliveryStatus, Purpose

# What a student may have told to schools that have the request.
CHANGES = frozenset({Purpose.WITHDRAWAL, Purpose.CORRECTION, Purpose.DELETION})
_ARRIVED = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.UNCONFIRMED})


@dataclass(frozen=True, slots=True)
class Told:
    """A change on its way to one of a school's destinations."""

    lead_id: UUID
    purpose: Purpose
    asked_at: datetime
    status: DeliveryStatus
    settled_at: datetime | None

    @property
    def arrived(self) -> bool:
        """Whether the school has it."""
        return self.status in _ARRIVED

    @property
    def needless(self) -> bool:
        """Whether the school never had what is changed, so that it was told nothing."""
        return self.status is DeliveryStatus.CANCELLED

    @property
    def ended(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.status in TERMINAL
