"""Reads what was sent to an organization's destinations; every question names who asks."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, func, select, tuple_
from sqlalchemy import text as sql

from models.db.crypto import Keyring, WrappedKey
from models.db.repositories.delivery_listing import read_attempts, summaries, to_summary
from models.db.tables.campaigns import destination
from models.db.tables.deliveries import attempt, delivery
from models.domain.delivery import TERMINAL, DeliveryStatus, DeliverySummary
from models.domain.destination_log import DeliveryTimeline, mask
from models.domain.errors import TamperedError

_KEY = sql("""
    SELECT k.person_id, k.master_key_id, k.wrapped FROM delivery d
    JOIN lead l ON l.id = d.lead_id JOIN request r ON r.id = l.request_id
    JOIN person_key k ON k.person_id = r.person_id
    WHERE d.id = :id AND k.wrapped IS NOT NULL
""")


class DestinationLogRepository:
    """Reads what was sent to an organization's destinations."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def page(
        self,
        which: tuple[UUID, UUID],
        statuses: Collection[DeliveryStatus],
        before: UUID | None,
        most: int,
    ) -> tuple[DeliverySummary, ...]:
        """List deliveries to a destination, the newest first, from the one after ``before``."""
        organization_id, destination_id = which
        place = tuple_(delivery.c.created_at, delivery.c.id)
        query = summaries().where(
            delivery.c.destination_id == destination_id,
            destination.c.organization_id == organization_id,
        )
        if statuses:
            query = query.where(delivery.c.status.in_([each.value for each in statuses]))
        if before is not None:
            cursor = delivery.alias()
            last = select(cursor.c.created_at, cursor.c.id).where(
                cursor.c.id == before, cursor.c.destination_id == destination_id
            )
            query = query.where(place < last.scalar_subquery())
        ordered = query.order_by(delivery.c.created_at.desc(), delivery.c.id.desc())
        return tuple(map(to_summary, self._connection.execute(ordered.limit(most))))

    def one(
        self, organization_id: UUID, delivery_id: UUID, known: Collection[str]
    ) -> DeliveryTimeline | None:
        """Read a delivery; None when there is none or it is another organization's."""
        query = summaries().where(
            delivery.c.id == delivery_id, destination.c.organization_id == organization_id
        )
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        tries = read_attempts(self._connection, [delivery_id]).get(delivery_id, ())
        answers = self._answers(delivery_id, known)
        return DeliveryTimeline(to_summary(row), tries, answers)

    def waiting(self, destination_id: UUID) -> int:
        """Count what is still to be sent there."""
        query = select(func.count()).where(
            delivery.c.destination_id == destination_id,
            delivery.c.status.not_in([each.value for each in TERMINAL]),
        )
        return self._connection.execute(query).scalar_one()

    def _answers(self, delivery_id: UUID, known: Collection[str]) -> dict[int, str]:
        """Open what came back and mask it; what was shredded is not there."""
        person = self._connection.execute(_KEY, {"id": delivery_id}).one_or_none()
        if person is None:
            return {}
        wrapped = WrappedKey(person.master_key_id, person.wrapped)
        key = self._keyring.unwrap(wrapped, person.person_id)
        kept = select(attempt.c.n, attempt.c.answer_head).where(
            attempt.c.delivery_id == delivery_id, attempt.c.answer_head.is_not(None)
        )
        found = {}
        for row in self._connection.execute(kept):
            try:
                place = f"{delivery_id}:{row.n}"
                opened = key.open(row.answer_head, "attempt", "answer_head", place)
            except TamperedError:
                continue
            found[row.n] = mask(opened, known)
        return found
