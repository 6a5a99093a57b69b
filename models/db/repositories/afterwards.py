"""Withdraws and corrects requests, and knows what schools were told of it."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from models.db.crypto import DataKey, Keyring, WrappedKey
from models.db.repositories.request_rows import seal
from models.domain.afterwards import CHANGES, Mails, Told
from models.domain.delivery import DELIVERY_LIFETIME, DeliveryStatus, Purpose
from models.domain.errors import NotFoundError
from models.domain.ids import new_id
from models.domain.request import Student

# Whoever changes a request's leads waits for whoever changes them already. "FOR UPDATE" would make
# those wait, too, who only add a row that names a lead: as a finaliser that charges for it, and
# holds the delivery that is wanted here next.
_LEADS = text("""
    SELECT id FROM lead
    WHERE request_id = :request AND unitid = ANY(CAST(:unitids AS int[]))
    ORDER BY id FOR NO KEY UPDATE
""")
# No destination is switched off between the look at it and the change that waits for it.
_HOLD = text("""
    SELECT d.id FROM delivery d JOIN destination s ON s.id = d.destination_id
    WHERE d.lead_id = ANY(CAST(:leads AS uuid[])) AND d.purpose = 'lead'
    ORDER BY d.id FOR NO KEY UPDATE OF d FOR SHARE OF s
""")
# fresh: it says what the student says when it is tried first.
_WHERE = text("""
    SELECT d.lead_id, d.destination_id, s.kind, v.settings, s.status = 'active' AS active,
      max(o.generation) AS told,
      bool_and(d.status = 'pending' AND d.body_hash IS NULL) AS fresh
    FROM delivery d
    JOIN destination s ON s.id = d.destination_id
    JOIN destination_version v ON v.destination_id = s.id AND v.version = s.version
    LEFT JOIN delivery o ON o.lead_id = d.lead_id AND o.destination_id = d.destination_id
      AND o.purpose = :purpose
    WHERE d.lead_id = ANY(CAST(:leads AS uuid[])) AND d.purpose = 'lead'
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2
""")
_TELL = text("""
    INSERT INTO delivery
      (id, lead_id, destination_id, purpose, by_mail, generation, status, created_at, due_at,
       expires_at)
    VALUES
      (:id, :lead, :destination, :purpose, :by_mail, :generation, 'pending', :now, now(),
       now() + CAST(:lifetime AS interval))
""")
# They are claimed, found to be withdrawn, and cancelled: the one way in which leads stop.
_STOP = text("""
    UPDATE delivery SET due_at = now()
    WHERE lead_id = ANY(CAST(:leads AS uuid[])) AND purpose IN ('lead', 'correction')
      AND status = 'pending'
""")
_TOLD = text("""
    SELECT d.lead_id, d.purpose, d.created_at, d.status, d.settled_at,
      d.by_mail OR s.kind = 'email' AS by_mail
    FROM delivery d JOIN lead l ON l.id = d.lead_id JOIN destination s ON s.id = d.destination_id
    WHERE l.request_id = :request AND d.purpose = ANY(CAST(:changes AS text[]))
    ORDER BY d.created_at, d.id
""")
_STUDENT = text("""
    SELECT r.student, r.age_18_or_over, k.person_id, k.master_key_id, k.wrapped,
      EXISTS (SELECT 1 FROM consent c WHERE c.request_id = r.id AND c.channel IN ('call', 'text'))
        AS by_phone
    FROM request r JOIN person_key k ON k.person_id = r.person_id
    WHERE r.id = :request FOR NO KEY UPDATE OF r
""")
_CORRECT = text("""
    UPDATE request
    SET student = :student, phone_index = :phone_index, email_index = :email_index,
        email_confirmed_at = CASE WHEN email_index = :email_index THEN email_confirmed_at END
    WHERE id = :request
""")


class AfterwardsRepository:
    """Withdraws and corrects requests, and knows what schools were told of it."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def tell(
        self,
        request_id: UUID,
        unitids: Sequence[int],
        purpose: Purpose,
        now: datetime,
        mails: Mails,
    ) -> Sequence[UUID]:
        """Let the schools that have a request, or may have it, be told of a change."""
        run = self._connection.execute
        found = run(_LEADS, {"request": request_id, "unitids": list(unitids)})
        leads = [row.id for row in found]
        run(_HOLD, {"leads": leads})
        for row in run(_WHERE, {"leads": leads, "purpose": purpose.value}).all():
            if _worth_telling(row, purpose):
                by_mail = mails(row.kind, row.settings, row.active)
                run(_TELL, _delivery(row, purpose, now) | {"by_mail": by_mail})
        if purpose is not Purpose.CORRECTION:
            run(_STOP, {"leads": leads})
        return leads

    def told(self, request_id: UUID) -> Sequence[Told]:
        """What was told of a request's changes, oldest first."""
        changes = [purpose.value for purpose in CHANGES]
        rows = self._connection.execute(_TOLD, {"request": request_id, "changes": changes})
        return [
            Told(
                row.lead_id,
                Purpose(row.purpose),
                row.created_at,
                DeliveryStatus(row.status),
                row.settled_at,
                row.by_mail,
            )
            for row in rows
        ]

    def student(self, request_id: UUID) -> Student | None:
        """What a student said of themselves; None once it was deleted or nothing was kept."""
        row = self._connection.execute(_STUDENT, {"request": request_id}).one_or_none()
        if row is None or row.wrapped is None:
            return None
        said = json.loads(self._key(row).open(row.student, "request", "student", request_id))
        return Student(**said, age_18_or_over=row.age_18_or_over) if said else None

    def correct(self, request_id: UUID, student: Student) -> None:
        """Put what a student says now in the place of what they said.

        Raises:
            NotFoundError: when nothing personal is kept of the request.
        """
        row = self._connection.execute(_STUDENT, {"request": request_id}).one_or_none()
        if row is None or row.wrapped is None:
            raise NotFoundError("nothing personal is kept of this request")
        phone = student.phone if row.by_phone else None
        said = {
            "first_name": student.first_name,
            "last_name": student.last_name,
            "email": student.email,
            "phone": phone,
            "desired_start": student.desired_start,
        }
        index = self._keyring.blind_index
        self._connection.execute(
            _CORRECT,
            {
                "request": request_id,
                "student": seal(self._key(row), said, "request", "student", request_id),
                "email_index": index("email", student.email),
                "phone_index": index("phone", phone) if phone else None,
            },
        )

    def _key(self, row: Row[Any]) -> DataKey:
        return self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)


def _worth_telling(row: Row[Any], purpose: Purpose) -> bool:
    """Each correction says something else; a request is withdrawn or deleted once."""
    return not row.fresh if purpose is Purpose.CORRECTION else row.told is None


def _delivery(row: Row[Any], purpose: Purpose, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(now),
        "lead": row.lead_id,
        "destination": row.destination_id,
        "purpose": purpose.value,
        "generation": (row.told or 0) + 1,
        "now": now,
        "lifetime": DELIVERY_LIFETIME,
    }
