"""Keeps mail until it is sent: the claim and the fence of deliveries, a smaller table.

Recipient and content are sealed under the student's key, so a message of somebody who was erased
cannot be read, and is not sent. Mail to staff is about their account and sealed under its key; no
suppression holds it back.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, insert, select, text

from models.db.crypto import DataKey, Keyring, WrappedKey
from models.db.tables.deliveries import message
from models.db.tables.organizations import staff
from models.db.tables.requests import person_key, request
from models.domain.delivery import DeliveryStatus
from models.domain.errors import TamperedError
from models.domain.message import (
    UNREADABLE,
    HeldMessage,
    NewMessage,
    NewStaffMessage,
    Receipt,
    Template,
)

_CLAIM = text("""
    WITH c AS (
      SELECT id, request_id, staff_id FROM message
      WHERE status = 'pending' AND due_at <= now() AND expires_at > now()
      ORDER BY due_at, id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE message m
    SET status = 'leased', lease_until = now() + CAST(:lease AS interval),
        lease_token = m.lease_token + 1, claims = m.claims + 1, attempts = m.attempts + 1
    FROM c
    LEFT JOIN request r ON r.id = c.request_id
    LEFT JOIN person_key k ON k.person_id = r.person_id
    LEFT JOIN staff f ON f.id = c.staff_id
    WHERE m.id = c.id
    RETURNING m.id, m.lease_token, m.attempts, m.expires_at, m.recipient, m.content,
      coalesce(k.person_id, f.id) AS person_id,
      coalesce(k.master_key_id, f.master_key_id) AS master_key_id,
      coalesce(k.wrapped, f.wrapped) AS wrapped,
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
# An address that is yet to be confirmed has had a mail that says so. The week is how far back an
# address that was confirmed today may have been given. Whose master key is not here waits for it,
# and holds up nobody else's.
_UNRECEIPTED = text("""
    SELECT r.id, r.created_at, r.locale, r.student, k.person_id, k.master_key_id, k.wrapped,
      (SELECT array_agg(w.text ORDER BY c.agreed_at, c.lead_id, c.channel)
       FROM consent c JOIN consent_text w ON w.id = c.text_id WHERE c.request_id = r.id) AS agreed
    FROM request r JOIN person_key k ON k.person_id = r.person_id
    WHERE r.created_at > now() - interval '8 days' AND k.wrapped IS NOT NULL
      AND k.master_key_id = ANY(CAST(:here AS text[]))
      AND coalesce(r.email_confirmed_at, r.created_at) > now() - interval '1 day'
      AND EXISTS (SELECT 1 FROM lead l WHERE l.request_id = r.id)
      AND (r.email_confirmed_at IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM lead l WHERE l.request_id = r.id AND l.confirm_by IS NOT NULL))
      AND NOT EXISTS (
        SELECT 1 FROM message m WHERE m.request_id = r.id AND m.template = :receipt)
    ORDER BY r.created_at LIMIT :most FOR NO KEY UPDATE OF r SKIP LOCKED
""")


class MessageRepository:
    """Keeps mail to students and staff until it is sent."""

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
        self._insert(new, key, request_id=new.request_id, locale=new.locale)

    def add_for_staff(self, new: NewStaffMessage) -> None:
        """Keep a message to somebody on the staff, due at once."""
        of = select(staff.c.master_key_id, staff.c.wrapped).where(staff.c.id == new.staff_id)
        row = self._connection.execute(of).one()
        key = self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), new.staff_id)
        self._insert(new, key, staff_id=new.staff_id, locale="en")

    def unreceipted(self, most: int) -> Sequence[Receipt]:
        """Take requests of the last day that have no receipt yet, oldest first."""
        values = {
            "most": most,
            "receipt": Template.RECEIPT.value,
            "here": self._keyring.names,
        }
        return [self._receipt(row) for row in self._connection.execute(_UNRECEIPTED, values)]

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

    def _insert(self, new: NewMessage | NewStaffMessage, key: DataKey, **of: object) -> None:
        self._connection.execute(
            insert(message).values(
                **of,
                id=new.id,
                template=new.template.value,
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

    def _receipt(self, row: Row[tuple[object, ...]]) -> Receipt:
        key = self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)
        student = json.loads(key.open(row.student, "request", "student", row.id))
        agreed = tuple(row.agreed or ())
        return Receipt(row.id, row.created_at, row.locale, student["email"], agreed)

    def _held(self, row: Row[tuple[object, ...]]) -> HeldMessage:
        stop = _stop(row)
        recipient = content = b""
        if stop is None:
            try:
                recipient, content = self._opened(row)
            except TamperedError:
                # Its master key is not here: it must not hold up everybody else's mail.
                stop = UNREADABLE
        return HeldMessage(
            row.id,
            row.lease_token,
            row.attempts,
            row.expires_at,
            recipient.decode(),
            content,
            stop,
        )

    def _opened(self, row: Row[tuple[object, ...]]) -> tuple[bytes, bytes]:
        key = self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)
        recipient = key.open(row.recipient, "message", "recipient", row.id)
        return recipient, key.open(row.content, "message", "content", row.id)


def _stop(row: Row[tuple[object, ...]]) -> str | None:
    checks = ((row.wrapped is None, "erased"), (row.suppressed, "suppressed"))
    return next((reason for holds, reason in checks if holds), None)
