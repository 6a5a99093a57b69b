"""The values that pass between a delivery worker and the ledger, from due to settled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from models.domain.delivery import ClaimedDelivery, DeliveryStatus, Outcome, Purpose
from models.domain.verification import Verification


class StopReason(StrEnum):
    """Why a claimed delivery must not be sent; read anew at every claim."""

    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    NO_CONSENT = "no_consent"
    SUPPRESSED = "suppressed"
    UNCONFIRMED = "unconfirmed"
    NEVER_SENT = "never_sent"


@dataclass(frozen=True, slots=True)
class DueDestination:
    """A destination with something due, and how many more deliveries it may have in flight.

    ``room`` counts all that is leased, of each drainer no more than it has senders; also what has
    been answered and is about to be written down: whoever knows of such may add them. It may be 0
    or less.
    """

    id: UUID
    room: int


@dataclass(frozen=True, slots=True, repr=False)
class LeadFacts:
    """All that a lead's body may say, opened; it has no ``repr`` so that none is logged.

    ``school`` and ``programs`` are as shown on the slate; ``student`` as typed; ``answers`` the
    school's own questions; ``consents`` the texts agreed to, by channel, in order of agreement.
    """

    lead_id: UUID
    request_id: UUID
    requested_at: datetime
    purpose: Purpose
    purpose_at: datetime
    unitid: int
    school: Mapping[str, Any]
    programs: Sequence[Mapping[str, Any]]
    search: Mapping[str, Any]
    student: Mapping[str, Any]
    answers: Mapping[str, Any]
    consents: Sequence[Mapping[str, Any]]
    source: Mapping[str, Any]
    locale: str
    jurisdiction: str
    verification: Verification = Verification.NONE


@dataclass(frozen=True, slots=True)
class DestinationTest:
    """What a test delivery's body says: nothing of anybody."""

    destination_id: UUID
    at: datetime


class Envelope(Protocol):
    """Seals what a delivery adds to the ledger, under its person's key."""

    def seal_body(self, body: bytes) -> bytes | None:
        """Seal the body to be frozen; None when it is made anew each time (no key is left)."""
        ...

    def seal_answer(self, attempt: int, head: bytes) -> bytes | None:
        """Seal the head of a receiver's answer; None when no key is left."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class HeldDelivery:
    """A claimed delivery, opened: its frozen body or, before the first try, what it is made of.

    ``body_hash`` is set once a body was frozen. ``stop`` says that it must not be sent,
    ``unreadable`` that its seals do not open; ``wait`` that it comes after another delivery of the
    lead, which is on its way. A test has no ``request_id``.
    """

    claim: ClaimedDelivery
    envelope: Envelope
    body: bytes | None = None
    body_hash: bytes | None = None
    facts: LeadFacts | DestinationTest | None = None
    stop: StopReason | None = None
    unreadable: bool = False
    request_id: UUID | None = None
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Send:
    """A delivery about to be tried: its body to freeze, sealed, and the settings' version used."""

    claim: ClaimedDelivery
    sealed_body: bytes | None
    body_hash: bytes
    version_id: UUID
    batch_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class BatchWindow:
    """How long deliveries wait for each other, and how many leave together at most."""

    seconds: float
    most: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries that leave together; the same members and bytes have the same name for ever."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True, repr=False)
class Parcel:
    """What a destination's client is handed: bytes, where they go and under which id.

    ``batch`` names what carries several deliveries; the id is then the batch's.
    """

    delivery_id: UUID
    purpose: Purpose
    body: bytes
    settings: Mapping[str, Any]
    secrets: Mapping[str, Any]
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of a held delivery: its next state, and the attempt's row to close.

    ``attempt`` is None when it never came to one. ``due_at`` is set when it is tried again.
    ``answer_head`` is sealed.
    """

    claim: ClaimedDelivery
    status: DeliveryStatus
    outcome: Outcome
    attempt: int | None = None
    due_at: datetime | None = None
    latency_ms: int | None = None
    answer_head: bytes | None = None


@dataclass(frozen=True, slots=True)
class DestinationNote:
    """What a group of attempts says of their destination.

    ``wait`` is what it asked for (429, 502, 504); ``failed`` None says nothing either way.
    """

    destination_id: UUID
    failed: bool | None
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found: leases that ran out, deliveries past their time, what to try apart.

    ``quarantined`` are to be tried alone; ``regardless``: whatever their destination's state.
    """

    returned: int
    expired: int
    quarantined: bool
    regardless: bool = False
