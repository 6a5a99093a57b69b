"""Changes that a destination can be told no more: people of its school are told by e-mail."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, text

from models.db.repositories.arrays import uuids
from models.domain.afterwards import CHANGES

# A body that was made for their system is none for people: it is rendered anew. Those on their way
# are looked at when they come back.
_MAIL = text("""
    UPDATE delivery d
    SET by_mail = true, status = 'pending', due_at = now(), settled_at = NULL,
        body = NULL, body_hash = NULL
    FROM destination s
    JOIN destination_version v ON v.destination_id = s.id AND v.version = s.version
    WHERE s.id = :destination AND s.status <> 'active'
      AND (v.settings ? 'contact' OR s.kind = 'email')
      AND d.destination_id = s.id AND d.purpose = ANY(CAST(:changes AS text[]))
      AND NOT d.by_mail AND d.expires_at > now()
      AND (d.status = 'pending'
           OR d.status = 'failed' AND d.id = ANY(CAST(:refused AS uuid[])))
""")


def mail_instead(
    connection: Connection, destination_id: UUID, refused: Collection[UUID] = ()
) -> None:
    """Let changes that wait for a destination go to people by e-mail, if it is not active.

    Args:
        connection: inside a transaction.
        destination_id: one without an address of people keeps what waits.
        refused: changes that it answered with being gone for good: told by e-mail as well.
    """
    values = {
        "destination": destination_id,
        "changes": [purpose.value for purpose in CHANGES],
        "refused": uuids(refused),
    }
    connection.execute(_MAIL, values)
