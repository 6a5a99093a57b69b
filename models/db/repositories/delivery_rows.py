"""Deliveries between their values and the columns of the ledger's statements."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from models.db.repositories.arrays import moments, numbers, raws, texts, uuids
from models.domain.delivery import ClaimedDelivery, Purpose
from models.domain.sending import Send, Settlement

_PURPOSES = {purpose.value: purpose for purpose in Purpose}


def claimed(row: Row[Any]) -> ClaimedDelivery:
    """Make the value of a claimed row, whose columns stand in the value's order."""
    delivery_id, lead_id, destination_id, purpose, *rest = tuple(row)
    return ClaimedDelivery(delivery_id, lead_id, destination_id, _PURPOSES[purpose], *rest)


def begun(attempts: Sequence[tuple[ClaimedDelivery, int]]) -> dict[str, object]:
    """Lay out what names attempts that began, a list a column."""
    return {
        "ids": uuids(claim.id for claim, _ in attempts),
        "tokens": numbers(claim.lease_token for claim, _ in attempts),
        "numbers": numbers(n for _, n in attempts),
    }


def beginning(sends: Sequence[Send]) -> dict[str, object]:
    """Lay out what begins attempts, a list a column."""
    return {
        "ids": uuids(send.claim.id for send in sends),
        "tokens": numbers(send.claim.lease_token for send in sends),
        "bodies": raws(send.sealed_body for send in sends),
        "hashes": raws(send.body_hash for send in sends),
        "versions": uuids(send.version_id for send in sends),
        "batches": uuids(send.batch_id for send in sends),
    }


def closing(settlements: Sequence[Settlement]) -> dict[str, object]:
    """Lay out what closes attempts, a list a column."""
    return {
        "ids": uuids(s.claim.id for s in settlements),
        "numbers": numbers(s.attempt for s in settlements),
        "outcomes": texts(s.outcome.status.value for s in settlements),
        "reasons": texts(s.outcome.reason for s in settlements),
        "codes": numbers(s.outcome.code for s in settlements),
        "latencies": numbers(s.latency_ms for s in settlements),
        "heads": raws(s.answer_head for s in settlements),
        "steps": texts(s.outcome.step.value for s in settlements),
    }


def finishing(settlements: Sequence[Settlement]) -> dict[str, object]:
    """Lay out what moves deliveries on, a list a column."""
    return {
        "ids": uuids(s.claim.id for s in settlements),
        "tokens": numbers(s.claim.lease_token for s in settlements),
        "statuses": texts(s.status.value for s in settlements),
        "due": moments(s.due_at for s in settlements),
        "refs": texts(s.outcome.reference for s in settlements),
    }
