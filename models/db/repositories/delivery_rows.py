"""Deliveries between their values and the columns of the ledger's statements."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping

from models.domain.delivery import ClaimedDelivery, Purpose
from models.domain.sending import Settlement


def claimed(row: RowMapping) -> ClaimedDelivery:
    """Make the value of a claimed row."""
    values: dict[str, Any] = {**row, "purpose": Purpose(row["purpose"])}
    return ClaimedDelivery(**values)


def begun(attempts: Sequence[tuple[ClaimedDelivery, int]]) -> dict[str, object]:
    """Lay out what names attempts that began, a list a column."""
    return {
        "ids": [claim.id for claim, _ in attempts],
        "tokens": [claim.lease_token for claim, _ in attempts],
        "numbers": [n for _, n in attempts],
    }


def closing(settlements: Sequence[Settlement]) -> dict[str, object]:
    """Lay out what closes attempts, a list a column."""
    return {
        "ids": [s.claim.id for s in settlements],
        "numbers": [s.attempt for s in settlements],
        "outcomes": [s.outcome.status.value for s in settlements],
        "reasons": [s.outcome.reason for s in settlements],
        "codes": [s.outcome.code for s in settlements],
        "latencies": [s.latency_ms for s in settlements],
        "heads": [s.answer_head for s in settlements],
        "steps": [s.outcome.step.value for s in settlements],
    }


def finishing(settlements: Sequence[Settlement]) -> dict[str, object]:
    """Lay out what moves deliveries on, a list a column."""
    return {
        "ids": [s.claim.id for s in settlements],
        "tokens": [s.claim.lease_token for s in settlements],
        "statuses": [s.status.value for s in settlements],
        "due": [s.due_at for s in settlements],
        "refs": [s.outcome.reference for s in settlements],
    }
