"""Finds, copies and erases what is kept of persons.

Erasing destroys the person's key. The row of the erasure names a person's id and hashes of the
addresses: it refuses the same person from outside, and erases them again where an older copy of
the database brought their key back.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from models.db.crypto import DataKey, Keyring, WrappedKey
from models.domain.ids import Prefix, show
from models.domain.person import ErasedBy, Erasure, KeptRequest
from models.domain.school_id import show_school

_OF = text("""
    SELECT r.id, r.created_at, k.shredded_at,
      (SELECT count(*) FROM lead l WHERE l.request_id = r.id) AS schools
    FROM request r JOIN person_key k ON k.person_id = r.person_id
    WHERE r.email_index = :index ORDER BY r.created_at, r.id
""")
_REQUEST = text("""
    SELECT r.id, r.created_at, r.locale, r.jurisdiction, r.source, r.landing_page, r.creative,
      r.privacy_control, r.email_confirmed_at, r.slate #> '{slate,answers}' AS search, r.student,
      r.evidence, k.person_id, k.master_key_id, k.wrapped
    FROM request r JOIN person_key k ON k.person_id = r.person_id WHERE r.id = :request
""")
_LEADS = text("""
    SELECT id, unitid, created_at, answers FROM lead WHERE request_id = :request
    ORDER BY created_at, id
""")
_CONSENTS = text("""
    SELECT id, lead_id, channel, agreed_at, canonical FROM consent
    WHERE request_id = :request ORDER BY agreed_at, lead_id, channel
""")
_SENT = text("""
    SELECT d.id, d.lead_id, d.purpose, d.status, s.kind, d.by_mail, d.created_at, d.settled_at,
      d.body
    FROM delivery d JOIN destination s ON s.id = d.destination_id
    JOIN lead l ON l.id = d.lead_id
    WHERE l.request_id = :request ORDER BY d.created_at, d.id
""")
_TRIES = text("""
    SELECT a.delivery_id, a.n, a.started_at, a.outcome, a.reason, a.code, a.answer_head
    FROM attempt a JOIN delivery d ON d.id = a.delivery_id JOIN lead l ON l.id = d.lead_id
    WHERE l.request_id = :request ORDER BY a.delivery_id, a.n
""")
_SAID = text("""
    SELECT p.id, p.lead_id, p.received_at, p.status, p.reason, p.raw
    FROM disposition p JOIN lead l ON l.id = p.lead_id
    WHERE l.request_id = :request ORDER BY p.received_at, p.id
""")
_MAIL = text("""
    SELECT id, template, status, created_at, settled_at, recipient FROM message
    WHERE request_id = :request ORDER BY created_at, id
""")
_ERASE = text("""
    WITH gone AS (
      UPDATE person_key k SET wrapped = NULL, shredded_at = :now
      FROM request r
      WHERE r.id = :request AND k.person_id = r.person_id AND k.wrapped IS NOT NULL
      RETURNING k.person_id, r.email_index, r.phone_index)
    INSERT INTO erasure (person_id, erased_at, erased_by, email_index, phone_index)
    SELECT person_id, :now, :by, CASE WHEN :hashes THEN email_index END,
      CASE WHEN :hashes THEN phone_index END
    FROM gone ON CONFLICT (person_id) DO NOTHING RETURNING person_id
""")
_NO_HASHES = text("UPDATE request SET email_index = '', phone_index = NULL WHERE id = :request")
# A school gives its reasons in its own words, perhaps about the student.
_NO_REASONS = text("""
    UPDATE disposition d SET reason = NULL FROM lead l
    WHERE l.request_id = :request AND d.lead_id = l.id AND d.reason IS NOT NULL
""")
_OVER = text("""
    SELECT r.id FROM request r JOIN person_key k ON k.person_id = r.person_id
    WHERE r.created_at < :before AND k.wrapped IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM lead l JOIN delivery d ON d.lead_id = l.id
      WHERE l.request_id = r.id AND d.status IN ('pending', 'leased', 'in_doubt'))
    ORDER BY r.created_at LIMIT :most FOR NO KEY UPDATE OF r SKIP LOCKED
""")
# Who asked again by themselves, after they were erased, is here again by their own will.
_FORGOTTEN = text("""
    SELECT EXISTS (
      SELECT 1 FROM erasure e
      WHERE (e.email_index = :email OR e.phone_index = :phone) AND NOT EXISTS (
        SELECT 1 FROM request r JOIN person_key k ON k.person_id = r.person_id
        WHERE r.email_index = e.email_index AND r.created_at > e.erased_at
          AND k.wrapped IS NOT NULL))
""")
_ERASURES = text(
    "SELECT person_id, erased_at, erased_by FROM erasure ORDER BY erased_at, person_id"
)
# Everybody in one statement, which reads the requests once: acceptance keeps no index of persons.
# All parts of it see what was there before any of them.
_AGAIN = text("""
    WITH named AS (
      SELECT * FROM unnest(CAST(:persons AS uuid[]), CAST(:moments AS timestamptz[]),
        CAST(:reasons AS text[])) AS n (person_id, at, by)),
    found AS (
      SELECT r.id, r.person_id, n.at, n.by, r.email_index, r.phone_index
      FROM request r JOIN named n ON n.person_id = r.person_id),
    gone AS (
      UPDATE person_key k SET wrapped = NULL, shredded_at = f.at FROM found f
      WHERE k.person_id = f.person_id AND k.wrapped IS NOT NULL RETURNING k.person_id),
    kept AS (
      INSERT INTO erasure (person_id, erased_at, erased_by, email_index, phone_index)
      SELECT person_id, at, by, CASE WHEN by <> :age THEN email_index END,
        CASE WHEN by <> :age THEN phone_index END
      FROM found ON CONFLICT (person_id) DO NOTHING),
    nameless AS (
      UPDATE request r SET email_index = '', phone_index = NULL FROM found f
      WHERE r.id = f.id AND f.by = :age),
    unsaid AS (
      UPDATE disposition d SET reason = NULL
      FROM found f JOIN gone USING (person_id) JOIN lead l ON l.request_id = f.id
      WHERE d.lead_id = l.id AND d.reason IS NOT NULL)
    SELECT count(*) FROM gone
""")


class PersonRepository:
    """Finds, copies and erases what is kept of persons."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def requests_of(self, email: str) -> Sequence[KeptRequest]:
        """The requests of an e-mail address, oldest first."""
        index = self._keyring.blind_index("email", email)
        rows = self._connection.execute(_OF, {"index": index})
        return [KeptRequest(row.id, row.created_at, row.schools, row.shredded_at) for row in rows]

    def copy(self, request_id: UUID) -> dict[str, Any] | None:
        """Open everything that is kept of a request's student, as one document for them."""
        row = self._connection.execute(_REQUEST, {"request": request_id}).one_or_none()
        if row is None or row.wrapped is None:
            return None
        key = self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)
        return {
            "request_id": show(Prefix.REQUEST, row.id),
            "sent_at": _when(row.created_at),
            "language": row.locale,
            "jurisdiction": row.jurisdiction,
            "came_from": {
                "source": row.source,
                "landing_page": row.landing_page,
                "creative": row.creative,
            },
            "global_privacy_control": row.privacy_control,
            "email_confirmed_at": _when(row.email_confirmed_at),
            "search": row.search,
            "about_you": _opened(key, row.student, "request", "student", row.id),
            "evidence": _opened(key, row.evidence, "request", "evidence", row.id),
            "schools": self._schools(key, request_id),
            "mail": [
                {
                    "kind": one.template,
                    "to": key.open(one.recipient, "message", "recipient", one.id).decode(),
                    "at": _when(one.created_at),
                    "status": one.status,
                    "settled_at": _when(one.settled_at),
                }
                for one in self._connection.execute(_MAIL, {"request": request_id})
            ],
        }

    def _schools(self, key: DataKey, request_id: UUID) -> list[dict[str, Any]]:
        of = {"request": request_id}
        consents, sent, tries, said = (
            self._connection.execute(query, of).all() for query in (_CONSENTS, _SENT, _TRIES, _SAID)
        )
        return [
            {
                "lead_id": show(Prefix.LEAD, lead.id),
                "school_id": show_school(lead.unitid),
                "answers": _opened(key, lead.answers, "lead", "answers", lead.id),
                "consents": [
                    _opened(key, one.canonical, "consent", "canonical", one.id)
                    for one in consents
                    if one.lead_id == lead.id
                ],
                "sent": [_sent(key, one, tries) for one in sent if one.lead_id == lead.id],
                "what_the_school_said": [
                    {
                        "at": _when(one.received_at),
                        "status": one.status,
                        "reason": one.reason,
                        "as_it_came": _text(key, one.raw, "disposition", "raw", one.id),
                    }
                    for one in said
                    if one.lead_id == lead.id
                ],
            }
            for lead in self._connection.execute(_LEADS, of)
        ]

    def erase(self, request_id: UUID, now: datetime, by: ErasedBy) -> bool:
        """Destroy the key of a request's student; hashes stay unless their time was over."""
        run, of = self._connection.execute, {"request": request_id}
        hashes = by is not ErasedBy.AGE
        gone = run(_ERASE, of | {"now": now, "by": by.value, "hashes": hashes}).one_or_none()
        if gone is not None:
            run(_NO_REASONS, of)
        if gone is not None and not hashes:
            run(_NO_HASHES, of)
        return gone is not None

    def over(self, before: datetime, most: int) -> Sequence[UUID]:
        """Requests of before a moment that still have their student and wait for nothing."""
        rows = self._connection.execute(_OVER, {"before": before, "most": most})
        return list(rows.scalars())

    def forgotten(self, email: str, phone: str | None) -> bool:
        """Whether who has one of these addresses was erased, and has not asked us since."""
        index = self._keyring.blind_index
        values = {"email": index("email", email), "phone": phone and index("phone", phone)}
        return bool(self._connection.execute(_FORGOTTEN, values).scalar_one())

    def erasures(self) -> Sequence[Erasure]:
        """Everybody who was erased, oldest first."""
        rows = self._connection.execute(_ERASURES)
        return [Erasure(row.person_id, row.erased_at, ErasedBy(row.erased_by)) for row in rows]

    def erase_again(self, erasures: Iterable[Erasure]) -> int:
        """Erase who was erased before an older copy of the database took its place."""
        named = {one.person_id: one for one in erasures}.values()
        # However long that takes in a large database.
        self._connection.execute(text("SET LOCAL statement_timeout = 0"))
        values = {
            "persons": [one.person_id for one in named],
            "moments": [one.at for one in named],
            "reasons": [one.by.value for one in named],
            "age": ErasedBy.AGE.value,
        }
        return int(self._connection.execute(_AGAIN, values).scalar_one())


def _sent(key: DataKey, row: Row[Any], tries: Sequence[Row[Any]]) -> dict[str, Any]:
    head = partial(_text, key, table="attempt", column="answer_head")
    return {
        "purpose": row.purpose,
        "by": "email" if row.by_mail else row.kind,
        "at": _when(row.created_at),
        "status": row.status,
        "settled_at": _when(row.settled_at),
        "as_it_left": _text(key, row.body, "delivery", "body", row.id),
        "tries": [
            {
                "at": _when(one.started_at),
                "outcome": one.outcome,
                "reason": one.reason,
                "code": one.code,
                "answer": head(one.answer_head, row=f"{row.id}:{one.n}"),
            }
            for one in tries
            if one.delivery_id == row.id
        ],
    }


def _text(
    key: DataKey, sealed: bytes | None, table: str, column: str, row: UUID | str
) -> str | None:
    return key.open(sealed, table, column, row).decode(errors="replace") if sealed else None


def _opened(key: DataKey, sealed: bytes | None, table: str, column: str, row: UUID) -> Any:
    return json.loads(key.open(sealed, table, column, row)) if sealed else None


def _when(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
