"""Deliveries between their values and the columns of the ledger's statements.

A group's columns are written as PostgreSQL writes arrays: the driver would ask each value what it
is, which took longer than the rest.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row

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
        "tokens": [claim.lease_token for claim, _ in attempts],
        "numbers": [n for _, n in attempts],
    }


def beginning(sends: Sequence[Send]) -> dict[str, object]:
    """Lay out what begins attempts, a list a column."""
    return {
        "ids": uuids(send.claim.id for send in sends),
        "tokens": _plain(send.claim.lease_token for send in sends),
        "bodies": _raw(send.sealed_body for send in sends),
        "hashes": _raw(send.body_hash for send in sends),
        "versions": uuids(send.version_id for send in sends),
        "batches": uuids(send.batch_id for send in sends),
    }


def closing(settlements: Sequence[Settlement]) -> dict[str, object]:
    """Lay out what closes attempts, a list a column."""
    return {
        "ids": uuids(s.claim.id for s in settlements),
        "numbers": _plain(s.attempt for s in settlements),
        "outcomes": _texts(s.outcome.status.value for s in settlements),
        "reasons": _texts(s.outcome.reason for s in settlements),
        "codes": _plain(s.outcome.code for s in settlements),
        "latencies": _plain(s.latency_ms for s in settlements),
        "heads": _raw(s.answer_head for s in settlements),
        "steps": _texts(s.outcome.step.value for s in settlements),
    }


def finishing(settlements: Sequence[Settlement]) -> dict[str, object]:
    """Lay out what moves deliveries on, a list a column."""
    return {
        "ids": uuids(s.claim.id for s in settlements),
        "tokens": _plain(s.claim.lease_token for s in settlements),
        "statuses": _texts(s.status.value for s in settlements),
        "due": [s.due_at for s in settlements],
        "refs": _texts(s.outcome.reference for s in settlements),
    }


def uuids(values: Iterable[UUID | None]) -> str:
    """Write an array of ids."""
    return _array("NULL" if value is None else value.hex for value in values)


def _plain(values: Iterable[int | None]) -> str:
    return _array("NULL" if value is None else str(value) for value in values)


def _raw(values: Iterable[bytes | None]) -> str:
    return _array("NULL" if value is None else f'"\\\\x{value.hex()}"' for value in values)


def _texts(values: Iterable[str | None]) -> str:
    return _array("NULL" if value is None else _quoted(value) for value in values)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _array(written: Iterable[str]) -> str:
    return "{" + ",".join(written) + "}"
