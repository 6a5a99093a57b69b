"""Keeps mail to students until it is sent: the claim and the fence of deliveries, a smaller table.

Recipient and content are sealed under the student's key, so a message of somebody who was erased
cannot be read, and is not sent.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, Row, insert, select, text

from models.db.crypto import Keyring, WrappedKey
from models.db.tables.deliveries import message
from models.db.tables.requests import person_key, request
from models.domain.delivery import DeliveryStatus
from models.domain.message import HeldMessage, NewMessage

_CLAIM = text("""
    WITH c AS (
      SELECT id FROM message WHERE status = 'pending' AND due_at <= now() AND expires_at > now()
      ORDER BY due_at, id LIMIT :most FOR UPDATE SKIP LOCKED)
    UPDATE message m
    SET status = 'leased', lease_until = now() + CAST(:lease AS interval),
        lease_token = m.lease_token + 1, claims = m.claims + 1, attempts = m.attempts + 1
    FROM c, request r, person_key k
    WHERE m.id = c.id AND r.id = m.request_id AND k.person_id = r.person_id
    RETURNING m.id, m.lease_token, m.attempts, m.expires_at, m.recipient, m.content,
      k.person_id, k.master_key_id, k.wrapped,
      EXISTS (SELECT 1 FROM suppression s
              WHERE s.kind = 'email' AND s.blind_index = r.email_index) AS suppressed
""")
_FINISH = text("""
    UPDATE message SET status = :status, due_at = coalesce(:due, due_at), lease_until = NULL,
      settled_at = CASE WHEN :status = 'pending' THEN NULL ELSE now() END
    WHERE id = :id AND status = 'leased' AND lease_token = :token
""")
_RETURN = text("""
    UPDATE message SET status = 'pending', lease_until = NULL
    WHERE status = 'leased' AND lease_until < now()
""")
_EXPIRE = text("""
    UPDATE message SET status = 'expired', settled_at = now()
    WHERE status = 'pending' AND expires_at <= now()
""")


class MessageRepository:
    """Keeps mail to students until it is sent."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def add(self, new: NewMessage) -> None:
        """Keep a message, due at once."""
        of = (
            select(person_key.c.person_id, person_key.c.master_key_id, person_key.c.wrapped)
            .join(request, request.c.person_id == person_key.c.person_id)
            .where(request.c.id == new.request_id)
        )
        row = self._connection.execute(of).one()
        key = self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)
        self._connection.execute(
            insert(message).values(
                id=new.id,
                request_id=new.request_id,
                template=new.template.value,
                locale=new.locale,
                recipient=key.seal(new.recipient.encode(), "message", "recipient", new.id),
                content=key.seal(new.content, "message", "content", new.id),
                status=DeliveryStatus.PENDING.value,
                created_at=new.created_at,
                due_at=text("now()"),
                expires_at=text("now() + CAST(:lifetime AS interval)").bindparams(
                    lifetime=new.lifetime
                ),
            )
        )

    def sweep(self) -> None:
        """Return messages whose lease ran out; expire what is past its time."""
        self._connection.execute(_RETURN)
        self._connection.execute(_EXPIRE)

    def claim(self, most: int, lease: timedelta) -> list[HeldMessage]:
        """Lease due messages, count the attempt, and read anew whether they may be sent."""
        rows = self._connection.execute(_CLAIM, {"most": most, "lease": lease}).all()
        return [self._held(row) for row in rows]

    def finish(
        self, held: HeldMessage, status: DeliveryStatus, due_at: datetime | None = None
    ) -> None:
        """Write what an attempt came to; a stale token changes nothing."""
        values = {"id": held.id, "token": held.lease_token, "status": status.value, "due": due_at}
        self._connection.execute(_FINISH, values)

    def status(self, request_id: UUID) -> DeliveryStatus | None:
        """Tell where the last message of a request stands; None when there is none."""
        found = self._connection.execute(
            select(message.c.status)
            .where(message.c.request_id == request_id)
            .order_by(message.c.id.desc())
            .limit(1)
        ).scalar()
        return DeliveryStatus(found) if found else None

    def _held(self, row: Row[tuple[object, ...]]) -> HeldMessage:
        stop = _stop(row)
        recipient = content = b""
        if stop is None:
            key = self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)
            recipient = key.open(row.recipient, "message", "recipient", row.id)
            content = key.open(row.content, "message", "content", row.id)
        return HeldMessage(
            row.id,
            row.lease_token,
            row.attempts,
            row.expires_at,
            recipient.decode(),
            content,
            stop,
        )


def _stop(row: Row[tuple[object, ...]]) -> str | None:
    checks = ((row.wrapped is None, "erased"), (row.suppressed, "suppressed"))
    return next((reason for holds, reason in checks if holds), None)
