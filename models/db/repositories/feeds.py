"""Reads what was put into feeds."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Connection, text

from models.db.crypto import Keyring
from models.db.repositories.delivery_opening import open_deliveries
from models.domain.feed import FeedEntry

_HEADS = text("""
    SELECT d.id, coalesce(st.feed_sequence, 0) AS head
    FROM destination d LEFT JOIN destination_state st ON st.destination_id = d.id
    WHERE d.organization_id = :organization
""")

# By turns, so that a busy destination does not keep a quiet one's leads waiting.
_AFTER = text("""
    SELECT x.* FROM unnest(CAST(:destinations AS uuid[]), CAST(:places AS bigint[]))
                      AS p (destination_id, place)
    CROSS JOIN LATERAL (
      SELECT d.id, d.destination_id, d.feed_sequence,
             row_number() OVER (ORDER BY d.feed_sequence) AS turn
      FROM delivery d
      WHERE d.destination_id = p.destination_id AND d.feed_sequence > p.place
      ORDER BY d.feed_sequence LIMIT :most) x
    ORDER BY x.turn, x.destination_id LIMIT :most
""")


class FeedRepository:
    """Reads what was put into feeds, in the order of its numbers."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def heads(self, organization_id: UUID) -> Mapping[UUID, int]:
        """Return the last number given in each of an organization's destinations."""
        rows = self._connection.execute(_HEADS, {"organization": organization_id})
        return {row.id: row.head for row in rows}

    def after(self, places: Mapping[UUID, int], most: int) -> list[FeedEntry]:
        """Return what comes after a number in each destination, in order within each.

        Everything up to the last number returned has been returned, now or before: no number that
        is not there yet will ever be one below it.
        """
        wanted = {"destinations": list(places), "places": list(places.values()), "most": most}
        rows = self._connection.execute(_AFTER, wanted).all()
        ids = [row.id for row in rows]
        opened = open_deliveries(self._connection, self._keyring, ids, facts=True)
        return [
            FeedEntry(
                destination_id=row.destination_id,
                sequence=row.feed_sequence,
                delivery_id=row.id,
                body=opened[row.id].body,
                facts=opened[row.id].facts,
                stop=opened[row.id].stop,
                stopped_at=opened[row.id].stopped_at,
            )
            for row in rows
        ]
