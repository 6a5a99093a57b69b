"""What a school's staff look for among its leads: filters that may stand in an address.

Nothing here says who a student is. What somebody types to find a person (an e-mail address, a
telephone number, a name) is a ``Sought`` and never leaves the session that it was typed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.domain.delivery import DeliveryStatus
from models.domain.lead import LeadStatus

S, D = LeadStatus, DeliveryStatus
# A lead that reached its school, of which the school has said nothing.
WAITING = "waiting"
STATUSES: Mapping[str, tuple[LeadStatus, ...]] = {
    WAITING: (S.SENT, S.UNCONFIRMED),
    **{status.value: (status,) for status in LeadStatus},
}
# How it goes with a lead's deliveries, as people ask about it: states of the ledger; those that
# wait count as late once a try has failed.
LATE, LOST = "late", "lost"
DELIVERY_STATES: Mapping[str, tuple[DeliveryStatus, ...]] = {
    LATE: (D.PENDING, D.LEASED, D.IN_DOUBT),
    LOST: (D.FAILED, D.EXPIRED, D.POISON),
    **{state.value: (state,) for state in DeliveryStatus},
}
ORGANIC = "organic"
SPONSORED = "sponsored"


class SoughtBy(StrEnum):
    """By what a person is looked for."""

    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"


@dataclass(frozen=True, slots=True, repr=False)
class Sought:
    """A person who is looked for; it has no ``repr``, so that none is logged."""

    by: SoughtBy
    value: str


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Which of an organization's leads; None narrows nothing.

    ``status`` is a key of ``STATUSES``, ``delivery`` one of ``DELIVERY_STATES``; ``state`` is where
    the student lives, such as ``US-NY``; ``origin`` is ``ORGANIC`` or ``SPONSORED``. Asked from
    ``since`` on, before ``until``.
    """

    status: str | None = None
    unitid: int | None = None
    program_id: str | None = None
    state: str | None = None
    campaign_id: UUID | None = None
    origin: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    destination_id: UUID | None = None
    delivery: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """Programs and states of an organization's newest leads: what filters can offer."""

    program_ids: tuple[str, ...]
    states: tuple[str, ...]
