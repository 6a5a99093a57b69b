"""From what attempts came to, to what the ledger writes: plain functions of values."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.domain.delivery import DeliveryStatus, Outcome, Purpose, RetrySchedule
from models.domain.sending import DestinationNote, Settlement
from workers.delivery.preparing import Ready

# How long a destination that asked for less is left alone when it did not say, and at most.
_SLOWED = timedelta(seconds=5)
_MOST_SLOWED = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sent:
    """An attempt that ended; or, when nothing ``left``, one that is to be as if never begun."""

    ready: Ready
    outcome: Outcome
    latency_ms: int
    left: bool = True


def settle(
    sent: Sent, now: datetime | None, schedule: RetrySchedule, chance: random.Random
) -> Settlement:
    """Decide a delivery's next state: retries end with the schedule or the delivery's own time.

    ``now`` may be None where nothing is tried again.
    """
    claim, outcome = sent.ready.claim, sent.outcome
    status, due_at = outcome.status, None
    if (
        status in (DeliveryStatus.PENDING, DeliveryStatus.IN_DOUBT)
        and claim.purpose is Purpose.TEST
    ):
        # Somebody waits for the result: it is this one.
        status = DeliveryStatus.FAILED
    elif status is DeliveryStatus.PENDING:
        if now is None:
            raise ValueError("what is tried again needs the time")
        due_at = schedule.next_due(sent.ready.attempt, now, chance.random(), outcome.retry_after)
        if due_at is None:
            status = DeliveryStatus.FAILED
        elif due_at >= claim.expires_at:
            status, due_at = DeliveryStatus.EXPIRED, None
    return Settlement(
        claim,
        status,
        outcome,
        sent.ready.attempt,
        due_at,
        sent.latency_ms,
        sent.ready.envelope.seal_answer(sent.ready.attempt, outcome.answer_head),
    )


def notes(group: Sequence[Sent]) -> list[DestinationNote]:
    """Sum up what a group of attempts says of each destination.

    One that answered anyone is not failing; failures in one group count once.
    """
    by_destination: dict[UUID, list[Outcome]] = {}
    for sent in group:
        if sent.ready.claim.by_mail:
            continue  # it never was at the destination
        by_destination.setdefault(sent.ready.claim.destination_id, []).append(sent.outcome)
    return [
        DestinationNote(destination_id, _failed(outcomes), _wait(outcomes))
        for destination_id, outcomes in by_destination.items()
    ]


def gone(group: Iterable[Sent]) -> set[UUID]:
    """List destinations that said they are gone for good (410)."""
    return {sent.ready.claim.destination_id for sent in group if sent.outcome.disable}


def _failed(outcomes: Sequence[Outcome]) -> bool | None:
    if any(outcome.code is not None and outcome.code < 500 for outcome in outcomes):
        return False
    return True if any(outcome.destination_failed for outcome in outcomes) else None


def _wait(outcomes: Sequence[Outcome]) -> timedelta | None:
    asked = [
        _SLOWED.total_seconds() if o.retry_after is None else o.retry_after
        for o in outcomes
        if o.slow_destination
    ]
    if not asked:
        return None
    return timedelta(seconds=min(max(asked), _MOST_SLOWED.total_seconds()))
