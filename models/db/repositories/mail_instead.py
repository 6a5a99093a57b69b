"""Changes that a destination can be told no more: people of its school are told by e-mail."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, text

from models.db.repositories.arrays import uuids
from models.domain.afterwards import CHANGES

# As the index ix_delivery_change says it, or it is not found.
_CHANGES = ", ".join(sorted(f"'{purpose.value}'" for purpose in CHANGES))
# A body that was made for their system is none for people: it is rendered anew.
_MAIL = f"""
    WITH c AS (
      SELECT d.id FROM destination s
      JOIN destination_version v ON v.destination_id = s.id AND v.version = s.version
      JOIN delivery d ON d.destination_id = s.id
      WHERE s.status <> 'active' AND (v.settings ? 'contact' OR s.kind = 'email')
        AND d.purpose IN ({_CHANGES}) AND NOT d.by_mail AND d.expires_at > now()
        AND %s
      FOR NO KEY UPDATE OF d SKIP LOCKED)
    UPDATE delivery d
    SET by_mail = true, status = 'pending', due_at = now(), settled_at = NULL,
        body = NULL, body_hash = NULL
    FROM c WHERE d.id = c.id
"""  # noqa: S608 - built from this file's own words only
_WAITING = text(_MAIL % "d.status = 'pending'")
_REFUSED = text(_MAIL % "d.status = 'failed' AND d.id = ANY(CAST(:ids AS uuid[]))")


def mail_waiting(connection: Connection) -> None:
    """Let changes that wait for destinations that are not active go to people by e-mail.

    However they came to wait there: who paused a destination saw those that waited, and none that
    was on its way just then, in the hands of a worker that may be dead by now. A destination
    without an address of people keeps what waits.
    """
    connection.execute(_WAITING)


def mail_refused(connection: Connection, delivery_ids: Collection[UUID]) -> None:
    """Let changes be mailed that a destination answered with being gone for good."""
    connection.execute(_REFUSED, {"ids": uuids(delivery_ids)})
