"""Lists deliveries for operators, and tells how far behind they are."""

from collections.abc import Collection
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, Select, lateral, select, text, true

from models.db.tables.campaigns import destination
from models.db.tables.deliveries import attempt, delivery
from models.db.tables.organizations import organization
from models.domain.delivery import (
    Attempt,
    Backlog,
    DeliveryStatus,
    DeliverySummary,
    Purpose,
    Step,
)
from models.domain.errors import NotFoundError
from models.domain.ids import Prefix, show

# For each destination the first row of its index of what is due, however long that is.
_BACKLOG = text("""
    SELECT coalesce(st.breaker, 'closed') AS breaker, count(*) AS destinations,
           coalesce(max(extract(epoch FROM now() - first.due_at)), 0) AS oldest,
           coalesce(max(extract(epoch FROM now() - st.failing_since)), 0) AS failing
    FROM destination s
    LEFT JOIN destination_state st ON st.destination_id = s.id
    LEFT JOIN LATERAL (
      SELECT d.due_at FROM delivery d
      WHERE d.destination_id = s.id AND d.status = 'pending' AND d.due_at <= now()
      ORDER BY d.due_at LIMIT 1) first ON true
    WHERE s.status = 'active'
    GROUP BY 1
""")


class Wanted(NamedTuple):
    """Which deliveries; no statuses means all of them. Made from ``since`` until ``until``."""

    statuses: Collection[DeliveryStatus]
    lead_id: UUID | None
    destination_id: UUID | None
    most: int
    since: datetime | None = None
    until: datetime | None = None


def read_list(connection: Connection, wanted: Wanted) -> list[DeliverySummary]:
    """List deliveries, the newest first."""
    query = summaries().order_by(delivery.c.id.desc()).limit(wanted.most)
    if wanted.statuses:
        query = query.where(delivery.c.status.in_([s.value for s in wanted.statuses]))
    if wanted.lead_id is not None:
        query = query.where(delivery.c.lead_id == wanted.lead_id)
    if wanted.destination_id is not None:
        query = query.where(delivery.c.destination_id == wanted.destination_id)
    if wanted.since is not None:
        query = query.where(delivery.c.created_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(delivery.c.created_at < wanted.until)
    return [to_summary(row) for row in connection.execute(query)]


def read_one(connection: Connection, delivery_id: UUID) -> DeliverySummary:
    """Return one delivery.

    Raises:
        NotFoundError: when there is none.
    """
    row = connection.execute(summaries().where(delivery.c.id == delivery_id)).one_or_none()
    if row is None:
        raise none_such(delivery_id)
    return to_summary(row)


def read_attempts(
    connection: Connection, delivery_ids: Collection[UUID]
) -> dict[UUID, tuple[Attempt, ...]]:
    """List deliveries' tries, the first one first; what their receivers said stays sealed."""
    query = (
        select(
            attempt.c.delivery_id,
            attempt.c.n,
            attempt.c.step,
            attempt.c.started_at,
            attempt.c.finished_at,
            attempt.c.outcome,
            attempt.c.reason,
            attempt.c.code,
            attempt.c.latency_ms,
        )
        .where(attempt.c.delivery_id.in_(list(delivery_ids)))
        .order_by(attempt.c.delivery_id, attempt.c.n)
    )
    tries = groupby(connection.execute(query), lambda row: row.delivery_id)
    return {delivery_id: tuple(_attempt(row) for row in rows) for delivery_id, rows in tries}


def read_backlog(connection: Connection) -> Backlog:
    """Tell how far behind delivery is, over all active destinations."""
    rows = connection.execute(_BACKLOG).all()
    return Backlog(
        oldest_due_seconds=max((float(row.oldest) for row in rows), default=0.0),
        longest_failing_seconds=max((float(row.failing) for row in rows), default=0.0),
        breakers={"closed": 0, "open": 0, "half_open": 0}
        | {row.breaker: row.destinations for row in rows},
    )


def none_such(delivery_id: UUID) -> NotFoundError:
    """Say that there is no such delivery."""
    return NotFoundError(f"there is no delivery {show(Prefix.DELIVERY, delivery_id)}")


def summaries() -> Select[Any]:
    """Deliveries with their destination, its organization and their last try."""
    last = lateral(
        select(attempt.c.reason, attempt.c.code)
        .where(attempt.c.delivery_id == delivery.c.id)
        .order_by(attempt.c.n.desc())
        .limit(1)
    )
    return (
        select(
            delivery,
            destination.c.name.label("destination_name"),
            organization.c.name.label("organization_name"),
            last.c.reason,
            last.c.code,
        )
        .join(destination, destination.c.id == delivery.c.destination_id)
        .join(organization, organization.c.id == destination.c.organization_id)
        .outerjoin(last, true())
    )


def _attempt(row: Any) -> Attempt:
    return Attempt(
        number=row.n,
        step=Step(row.step),
        started_at=row.started_at,
        finished_at=row.finished_at,
        outcome=row.outcome and DeliveryStatus(row.outcome),
        reason=row.reason,
        code=row.code,
        latency_ms=row.latency_ms,
    )


def to_summary(row: Row[Any]) -> DeliverySummary:
    """Make the value of a row."""
    return DeliverySummary(
        id=row.id,
        lead_id=row.lead_id,
        destination_id=row.destination_id,
        destination_name=row.destination_name,
        organization_name=row.organization_name,
        purpose=Purpose(row.purpose),
        status=DeliveryStatus(row.status),
        attempts=row.attempts,
        created_at=row.created_at,
        due_at=row.due_at,
        settled_at=row.settled_at,
        reason=row.reason,
        code=row.code,
        by_mail=row.by_mail,
    )
