"""A delivery's states and the table of what may follow what (delivery.md, States)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from models.domain.errors import TransitionError


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    LEASED = "leased"
    IN_DOUBT = "in_doubt"
    DELIVERED = "delivered"
    UNCONFIRMED = "unconfirmed"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    FAILED = "failed"
    EXPIRED = "expired"
    POISON = "poison"
    CANCELLED = "cancelled"


class Purpose(StrEnum):
    """Why something is sent to a school."""

    LEAD = "lead"
    WITHDRAWAL = "withdrawal"
    CORRECTION = "correction"
    DELETION = "deletion"
    TEST = "test"


class Step(StrEnum):
    """Which of its requests an attempt ended at."""

    TOKEN = "token"  # noqa: S105 - the name of a step
    PING = "ping"
    POST = "post"
    SEND = "send"


S = DeliveryStatus
TERMINAL = frozenset(set(S) - {S.PENDING, S.LEASED, S.IN_DOUBT})
# What did not arrive, and will not by itself.
LOST = frozenset({S.FAILED, S.EXPIRED, S.POISON})

# From each state, what may come next. Terminal states reopen only by a replay.
TRANSITIONS: dict[DeliveryStatus, frozenset[DeliveryStatus]] = {
    S.PENDING: frozenset({S.LEASED, S.EXPIRED, S.CANCELLED, S.POISON, S.DELIVERED}),
    S.LEASED: frozenset(set(S) - {S.LEASED}),
    S.IN_DOUBT: frozenset({S.DELIVERED, S.DUPLICATE, S.REJECTED, S.FAILED, S.CANCELLED}),
    **dict.fromkeys(TERMINAL - {S.DELIVERED}, frozenset({S.PENDING, S.DELIVERED})),
    S.DELIVERED: frozenset({S.PENDING}),
}


def check_transition(old: DeliveryStatus, new: DeliveryStatus) -> None:
    """Refuse what the table does not allow.

    Raises:
        TransitionError: when ``new`` cannot follow ``old``.
    """
    if new not in TRANSITIONS[old]:
        raise TransitionError("delivery", old, new)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt came to.

    ``status`` is the delivery's next state; ``pending`` means try again. ``retry_after`` is in
    seconds, as asked by the receiver; ``slow_destination`` that it asked for less, ``disable``
    that it is gone (410). ``answer_head`` is the beginning of what it said, personal data perhaps.
    ``ours``: nothing left, for a reason on our side. ``step``: the request that it ended at.
    ``place_in_feed``: it counts as delivered once the ledger has given it its place in the
    destination's feed, in the same transaction.
    """

    status: DeliveryStatus
    reason: str
    code: int | None = None
    retry_after: float | None = None
    slow_destination: bool = False
    disable: bool = False
    reference: str | None = None
    answer_head: bytes = b""
    place_in_feed: bool = False
    ours: bool = False
    step: Step = Step.SEND

    @property
    def destination_failed(self) -> bool:
        """Whether it speaks against the destination as a whole: no answer, or a 5xx."""
        tried = self.status is S.PENDING and not self.ours
        return tried and (self.code is None or self.code >= 500)


@dataclass(frozen=True, slots=True)
class RetrySchedule:
    """When to try again: ``delays[n]`` before try n+1, spread by ``spread`` either way."""

    delays: tuple[timedelta, ...]
    spread: float = 0.2
    most_retry_after: timedelta = timedelta(hours=24)

    def next_due(
        self,
        attempts: int,
        now: datetime,
        chance: float,
        retry_after: float | None = None,
    ) -> datetime | None:
        """Tell when the next try is due, or None when there is none left.

        Args:
            attempts: tries made so far, at least 1.
            now: the database's clock.
            chance: uniform in 0..1, an input so that tests can repeat.
            retry_after: seconds the receiver asked for.
        """
        if attempts >= len(self.delays):
            return None
        delay = self.delays[attempts] * (1 + self.spread * (2 * chance - 1))
        if retry_after is not None:
            # Cut before it becomes a timedelta: the year 9999, in seconds, may not fit one.
            seconds = min(max(retry_after, 0), self.most_retry_after.total_seconds())
            delay = max(delay, timedelta(seconds=seconds))
        return now + delay


DEFAULT_SCHEDULE = RetrySchedule(
    (
        timedelta(0),
        timedelta(seconds=5),
        timedelta(minutes=5),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=5),
        timedelta(hours=10),
        timedelta(hours=14),
        timedelta(hours=20),
        timedelta(hours=24),
    )
)
DELIVERY_LIFETIME = timedelta(days=5)
# Somebody waits for a test's result: it is tried once, soon or not at all.
TEST_LIFETIME = timedelta(seconds=15)


# A delivery claimed this often without an attempt following has killed its worker, or met a
# killed one: it is tried alone, each time after a longer wait. What dies of something else, a
# machine that keeps crashing, outlasts that; what dies alone four times is poison.
QUARANTINED_AFTER = 3
POISON_AFTER = 7


@dataclass(frozen=True, slots=True)
class Breaker:
    """When a failing destination is left alone, and for how long.

    After ``threshold`` failures in a row it is tried with one delivery at a time, first after
    ``first``, then twice as long after each failure, up to ``most``.
    """

    threshold: int = 5
    first: timedelta = timedelta(seconds=5)
    most: timedelta = timedelta(minutes=5)

    def wait(self, failures: int) -> timedelta | None:
        """Tell how long to leave it alone after that many failures in a row, if at all."""
        if failures < self.threshold:
            return None
        doublings = min(failures - self.threshold, 16)
        return min(self.first * (1 << doublings), self.most)


@dataclass(frozen=True, slots=True)
class DeliverySummary:
    """A delivery as operators list it; ``reason`` and ``code`` are its last attempt's.

    ``by_mail``: it is told to people of the school, at the address that the destination names.
    """

    id: UUID
    lead_id: UUID | None
    destination_id: UUID
    destination_name: str
    organization_name: str
    purpose: Purpose
    status: DeliveryStatus
    attempts: int
    created_at: datetime
    due_at: datetime
    settled_at: datetime | None
    reason: str | None
    code: int | None
    by_mail: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a delivery, as staff read it: when it began, how long it took and what came of it.

    Nothing of a person: what the receiver said stays sealed. ``outcome`` is where the try left its
    delivery, ``pending`` that it is tried again; None while it is under way.
    """

    number: int
    step: Step
    started_at: datetime
    finished_at: datetime | None
    outcome: DeliveryStatus | None
    reason: str | None
    code: int | None
    latency_ms: int | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """How far behind delivery is, over all active destinations; no wait is 0."""

    oldest_due_seconds: float
    longest_failing_seconds: float
    breakers: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery that this worker holds until its lease ends; ``lease_token`` fences it.

    ``by_mail``: people of the school are told by e-mail, whatever their destination can do.
    """

    id: UUID
    lead_id: UUID | None
    destination_id: UUID
    purpose: Purpose
    lease_token: int
    attempts: int
    claims: int
    expires_at: datetime
    by_mail: bool = False
