"""New deliveries: added at acceptance, by tests, and where the next destination is asked."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from models.db.repositories import delivery_sql as sql
from models.domain.delivery import Purpose
from models.domain.ids import new_id


def make_delivery(  # noqa: PLR0913, PLR0917 - what a row is made of
    connection: Connection,
    lead_id: UUID | None,
    destination_id: UUID,
    purpose: Purpose,
    lifetime: timedelta,
    now: datetime,
) -> UUID:
    """Add a delivery, due at once; its time ends after ``lifetime``, by the database's clock."""
    delivery_id = new_id(now)
    connection.execute(
        sql.CREATE,
        {
            "id": delivery_id,
            "lead": lead_id,
            "destination": destination_id,
            "purpose": purpose.value,
            "created_at": now,
            "lifetime": lifetime,
        },
    )
    return delivery_id
