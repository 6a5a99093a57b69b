"""What a student may still do with a request that was sent, and what each school was told of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.domain.delivery import TERMINAL, DeliveryStatus, Purpose

# What a student may have told to schools that have the request.
CHANGES = frozenset({Purpose.WITHDRAWAL, Purpose.CORRECTION, Purpose.DELETION})
_ARRIVED = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.UNCONFIRMED})
# By a destination's kind, its settings and whether it is active: whether people of the school are
# told by e-mail instead.
Mails = Callable[[str, Mapping[str, Any], bool], bool]


@dataclass(frozen=True, slots=True)
class Told:
    """A change on its way to one of a school's destinations; ``by_mail``: by e-mail."""

    lead_id: UUID
    purpose: Purpose
    asked_at: datetime
    status: DeliveryStatus
    settled_at: datetime | None
    by_mail: bool = False

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
