"""A lead's status, computed by one table from its deliveries and the school's dispositions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.domain.delivery import DeliveryStatus
from models.domain.errors import TransitionError


class LeadStatus(StrEnum):
    """What a student, a school and an operator see of a lead."""

    ACCEPTED_BY_US = "accepted_by_us"
    SENT = "sent"
    UNCONFIRMED = "unconfirmed"
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    CONTACTED = "contacted"
    APPLIED = "applied"
    ENROLLED = "enrolled"
    RETURNED = "returned"
    FAILED = "failed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class DispositionStatus(StrEnum):
    """What a school may say happened."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    CONTACTED = "contacted"
    APPLIED = "applied"
    ENROLLED = "enrolled"
    RETURNED = "returned"


class Verdict(StrEnum):
    """What became of something a school said.

    ``LATE``: it would take a charge back after the campaign's return window; ``OVER_QUOTA``: more
    leads of that month were returned than the campaign's terms allow.
    """

    APPLIED = "applied"
    REPEATED = "repeated"
    REFUSED = "refused"
    LATE = "late"
    OVER_QUOTA = "over_quota"
    UNREAD = "unread"


D = DispositionStatus
# These give a lead's place under its caps back, and its price where it was charged.
REFUSALS = frozenset({D.REJECTED, D.DUPLICATE, D.RETURNED})
_PROGRESS = frozenset({D.ACCEPTED, D.CONTACTED, D.APPLIED, D.ENROLLED, D.RETURNED})

# From what a school said last (None: nothing yet) to what it may say next.
DISPOSITION_TRANSITIONS: dict[DispositionStatus | None, frozenset[DispositionStatus]] = {
    None: frozenset(D),
    D.ACCEPTED: _PROGRESS - {D.ACCEPTED} | {D.DUPLICATE, D.REJECTED},
    D.CONTACTED: frozenset({D.APPLIED, D.ENROLLED, D.RETURNED}),
    D.APPLIED: frozenset({D.ENROLLED, D.RETURNED}),
    D.ENROLLED: frozenset({D.RETURNED}),
    D.DUPLICATE: frozenset({D.ACCEPTED}),
    D.REJECTED: frozenset({D.ACCEPTED}),
    D.RETURNED: frozenset(),
}

# What deliveries alone say, strongest first: one that arrived outweighs one that failed.
FROM_DELIVERIES: tuple[tuple[DeliveryStatus, LeadStatus], ...] = (
    (DeliveryStatus.DELIVERED, LeadStatus.SENT),
    (DeliveryStatus.DUPLICATE, LeadStatus.DUPLICATE),
    (DeliveryStatus.UNCONFIRMED, LeadStatus.UNCONFIRMED),
    (DeliveryStatus.PENDING, LeadStatus.ACCEPTED_BY_US),
    (DeliveryStatus.LEASED, LeadStatus.ACCEPTED_BY_US),
    (DeliveryStatus.IN_DOUBT, LeadStatus.UNCONFIRMED),
    (DeliveryStatus.REJECTED, LeadStatus.REJECTED),
    (DeliveryStatus.CANCELLED, LeadStatus.WITHDRAWN),
    (DeliveryStatus.EXPIRED, LeadStatus.EXPIRED),
    (DeliveryStatus.FAILED, LeadStatus.FAILED),
    (DeliveryStatus.POISON, LeadStatus.FAILED),
)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A moment at which a lead's status changed, for its student's eyes."""

    at: datetime
    status: LeadStatus


@dataclass(frozen=True, slots=True)
class LeadProgress:
    """Where a lead stands and how it came there.

    ``deliveries`` are the states of its deliveries with purpose ``lead``; ``said`` the last
    disposition that was applied; ``timeline`` runs from the oldest entry to the newest.
    ``confirm_by``: until when its student had to confirm the e-mail address, and has not.
    ``mail_stopped``: mail to that address is stopped, or the link was not mailed as it was.
    """

    deliveries: tuple[DeliveryStatus, ...]
    said: DispositionStatus | None
    withdrawn: bool
    timeline: tuple[TimelineEntry, ...]
    confirm_by: datetime | None = None
    mail_stopped: bool = False

    @property
    def status(self) -> LeadStatus:
        """The lead's status, by the one table."""
        return lead_status(self.deliveries, self.said, withdrawn=self.withdrawn)


def status_of_delivery(state: DeliveryStatus) -> LeadStatus:
    """Tell what a lead's status would be if this were its only delivery."""
    return dict(FROM_DELIVERIES)[state]


def lead_status(
    deliveries: Sequence[DeliveryStatus],
    said: DispositionStatus | None,
    *,
    withdrawn: bool = False,
) -> LeadStatus:
    """Compute a lead's status.

    Args:
        deliveries: states of the lead's deliveries with purpose ``lead``.
        said: the last disposition that was applied.
        withdrawn: whether the student took the request back.
    """
    if withdrawn:
        return LeadStatus.WITHDRAWN
    if said is not None:
        return LeadStatus(said.value)
    for state, status in FROM_DELIVERIES:
        if state in deliveries:
            return status
    return LeadStatus.ACCEPTED_BY_US


def check_disposition(old: DispositionStatus | None, new: DispositionStatus) -> None:
    """Refuse a disposition that cannot follow the last one.

    Raises:
        TransitionError: when the table does not allow it.
    """
    if new not in DISPOSITION_TRANSITIONS[old]:
        raise TransitionError("disposition", old or "nothing", new)
