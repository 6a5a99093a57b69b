"""Keeps which addresses must not be used, by their blind index.

An address is that of a message: what was corrected since does not change whom a mail was for.
Once its student was erased, the request's own index stands in.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from models.db.crypto import Keyring, WrappedKey
from models.domain.ids import new_id

UNSUBSCRIBED = "unsubscribed"
_OF_MESSAGE = text("""
    SELECT m.recipient, r.email_index, k.person_id, k.master_key_id, k.wrapped
    FROM message m JOIN request r ON r.id = m.request_id
    JOIN person_key k ON k.person_id = r.person_id
    WHERE m.id = :message
""")
_STOP = text("""
    INSERT INTO suppression (id, kind, blind_index, reason, created_at)
    VALUES (:id, 'email', :index, :reason, :now) ON CONFLICT (kind, blind_index) DO NOTHING
""")
_ALLOW = text("""
    DELETE FROM suppression WHERE kind = 'email' AND blind_index = :index AND reason = :reason
""")
_STOPPED = text("""
    SELECT EXISTS (SELECT 1 FROM suppression WHERE kind = 'email' AND blind_index = :index)
""")


class SuppressionRepository:
    """Keeps which addresses must not be used; every claim reads it."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def stop_mail(self, message_id: UUID, now: datetime) -> bool:
        """Let nothing more be sent to the address of a message, and no school be given it."""
        index = self._index(message_id)
        if index is None:
            return False
        values = {"id": new_id(now), "index": index, "reason": UNSUBSCRIBED, "now": now}
        self._connection.execute(_STOP, values)
        return True

    def allow_mail(self, message_id: UUID) -> bool:
        """Take back what ``stop_mail`` did for a message's address; nothing that others did."""
        index = self._index(message_id)
        if index is None:
            return False
        self._connection.execute(_ALLOW, {"index": index, "reason": UNSUBSCRIBED})
        return True

    def mail_stopped(self, message_id: UUID) -> bool | None:
        """Tell whether the address of a message is stopped; None: there is no such message."""
        index = self._index(message_id)
        if index is None:
            return None
        return bool(self._connection.execute(_STOPPED, {"index": index}).scalar_one())

    def _index(self, message_id: UUID) -> bytes | None:
        row = self._connection.execute(_OF_MESSAGE, {"message": message_id}).one_or_none()
        if row is None:
            return None
        if row.wrapped is None:
            return bytes(row.email_index)
        key = self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)
        recipient = key.open(row.recipient, "message", "recipient", message_id)
        return self._keyring.blind_index("email", recipient.decode())
