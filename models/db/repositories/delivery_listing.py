"""Lists deliveries for operators."""

from collections.abc import Collection
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, Select, lateral, select, true

from models.db.tables.campaigns import destination
from models.db.tables.deliveries import attempt, delivery
from models.db.tables.organizations import organization
from models.domain.delivery import DeliveryStatus, DeliverySummary, Purpose
from models.domain.errors import NotFoundError
from models.domain.ids import Prefix, show


class Wanted(NamedTuple):
    """Which deliveries; no statuses means all of them."""

    statuses: Collection[DeliveryStatus]
    lead_id: UUID | None
    destination_id: UUID | None
    most: int


def read_list(connection: Connection, wanted: Wanted) -> list[DeliverySummary]:
    """List deliveries, the newest first."""
    query = _summaries().order_by(delivery.c.id.desc()).limit(wanted.most)
    if wanted.statuses:
        query = query.where(delivery.c.status.in_([s.value for s in wanted.statuses]))
    if wanted.lead_id is not None:
        query = query.where(delivery.c.lead_id == wanted.lead_id)
    if wanted.destination_id is not None:
        query = query.where(delivery.c.destination_id == wanted.destination_id)
    return [_summary(row) for row in connection.execute(query)]


def read_one(connection: Connection, delivery_id: UUID) -> DeliverySummary:
    """Return one delivery.

    Raises:
        NotFoundError: when there is none.
    """
    row = connection.execute(_summaries().where(delivery.c.id == delivery_id)).one_or_none()
    if row is None:
        raise none_such(delivery_id)
    return _summary(row)


def none_such(delivery_id: UUID) -> NotFoundError:
    """Say that there is no such delivery."""
    return NotFoundError(f"there is no delivery {show(Prefix.DELIVERY, delivery_id)}")


def _summaries() -> Select[Any]:
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


def _summary(row: Row[Any]) -> DeliverySummary:
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
    )
