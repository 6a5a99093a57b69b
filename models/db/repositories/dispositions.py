"""Keeps what schools say happened to their leads."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from models.db.crypto import Keyring, WrappedKey
from models.db.repositories import cap_places
from models.db.repositories.returns import RETURNED
from models.domain.errors import ConflictError, NotFoundError, TransitionError
from models.domain.ids import new_id
from models.domain.lead import REFUSALS, DispositionStatus, Verdict, check_disposition
from models.domain.statement import ChargeKind, may_return

_OWNER = text("SELECT organization_id FROM lead WHERE id = :lead")
_KEY = text("""
    SELECT k.person_id, k.master_key_id, k.wrapped
    FROM lead l JOIN request r ON r.id = l.request_id
    JOIN person_key k ON k.person_id = r.person_id WHERE l.id = :lead
""")
_RECORD = text("""
    INSERT INTO disposition
      (id, lead_id, organization_id, api_key_id, received_at, raw, verdict)
    VALUES (:id, :lead, :organization, :api_key, :now, :raw, 'unread')
""")
# The lead's row is the lock: two answers about one lead are judged one after the other.
_LOCK_LEAD = text("""
    SELECT l.id FROM lead l JOIN disposition d ON d.lead_id = l.id WHERE d.id = :id
    FOR NO KEY UPDATE OF l
""")
# A worker that is about to charge for it is waited for: terms are judged of what is charged.
_LOCK_PLACE = text("SELECT 1 FROM cap_ledger WHERE lead_id = :lead FOR NO KEY UPDATE")
_LAST = text("""
    SELECT status FROM disposition WHERE lead_id = :lead AND verdict = 'applied'
    ORDER BY number DESC NULLS LAST LIMIT 1
""")
# Its number is given under the lead's lock, so that no two are judged at once. The words of a
# reason may be about the student: whoever is being erased is waited for, and then none are kept.
_JUDGE = text("""
    WITH kept AS (
      SELECT k.person_id FROM lead l JOIN request r ON r.id = l.request_id
      JOIN person_key k ON k.person_id = r.person_id
      WHERE l.id = :lead AND k.wrapped IS NOT NULL FOR SHARE OF k)
    UPDATE disposition
    SET number = (SELECT coalesce(max(o.number), 0) + 1 FROM disposition o
                  WHERE o.lead_id = disposition.lead_id),
      status = :status, reason = CASE WHEN EXISTS (SELECT FROM kept) THEN :reason END,
      happened_at = :happened_at,
      verdict = :verdict
    WHERE id = :id
""")
# What was charged for a lead can be taken back within its campaign's window, by the database's
# clock. A school that cannot be charged any more may say what it likes.
_LATE = text("""
    SELECT g.settled_at + make_interval(days => (l.terms ->> 'return_window_days')::integer) < now()
    FROM cap_ledger g JOIN lead l ON l.id = g.lead_id
    WHERE g.lead_id = :lead AND g.state = 'used'
""")
# Counted one after the other for each campaign.
_QUOTA = text("""
    SELECT c.id, l.terms ->> 'month' AS month,
      (l.terms ->> 'return_quota_percent')::integer AS percent
    FROM cap_ledger g JOIN lead l ON l.id = g.lead_id JOIN campaign c ON c.id = g.campaign_id
    WHERE g.lead_id = :lead AND g.state = 'used' FOR NO KEY UPDATE OF c
""")


class DispositionRepository:
    """Keeps what schools say happened to their leads."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def lead_owner(self, lead_id: UUID) -> UUID | None:
        """Return the organization that a lead belongs to; None when there is no such lead."""
        owner: UUID | None = self._connection.execute(_OWNER, {"lead": lead_id}).scalar()
        return owner

    def record_raw(
        self,
        lead_id: UUID,
        organization_id: UUID,
        raw: bytes,
        now: datetime,
        *,
        api_key_id: UUID | None = None,
    ) -> UUID:
        """Keep what was said, sealed, before anything of it is read; commit before ``apply``.

        Once the student's key is shredded, only that something was said is kept.

        Raises:
            NotFoundError: when there is no such lead.
        """
        row = self._connection.execute(_KEY, {"lead": lead_id}).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no lead {lead_id}")
        disposition_id = new_id(now)
        sealed = b""
        if row.wrapped is not None:
            key = self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)
            sealed = key.seal(raw, "disposition", "raw", disposition_id)
        self._connection.execute(
            _RECORD,
            {
                "id": disposition_id,
                "lead": lead_id,
                "organization": organization_id,
                "api_key": api_key_id,
                "now": now,
                "raw": sealed,
            },
        )
        return disposition_id

    def apply(
        self,
        disposition_id: UUID,
        status: DispositionStatus,
        *,
        reason: str | None = None,
        happened_at: datetime | None = None,
    ) -> Verdict:
        """Judge what was said by the transition table, one at a time for each lead.

        A reject, a duplicate or a return gives the lead's place under its caps back, and its price,
        within the campaign's return window and a return within its quota; accepting it after all
        takes one again, if there is one.

        Raises:
            NotFoundError: when nothing was recorded under that id.
        """
        lead_id = self._connection.execute(_LOCK_LEAD, {"id": disposition_id}).scalar()
        if lead_id is None:
            raise NotFoundError(f"there is no disposition {disposition_id}")
        last = self.last_applied(lead_id)
        verdict = _verdict(last, status)
        if verdict is Verdict.APPLIED and status in REFUSALS:
            verdict = self._by_terms(lead_id, status)
        self._connection.execute(
            _JUDGE,
            {
                "id": disposition_id,
                "lead": lead_id,
                "status": status.value,
                "reason": reason,
                "happened_at": happened_at,
                "verdict": verdict.value,
            },
        )
        if verdict is Verdict.APPLIED:
            self._move_place(lead_id, last, status)
        return verdict

    def last_applied(self, lead_id: UUID) -> DispositionStatus | None:
        """Return what the school said last that counted."""
        said = self._connection.execute(_LAST, {"lead": lead_id}).scalar()
        return None if said is None else DispositionStatus(said)

    def _by_terms(self, lead_id: UUID, status: DispositionStatus) -> Verdict:
        """Judge a refusal by the terms frozen on the lead: its return window and quota."""
        values = {"lead": lead_id}
        self._connection.execute(_LOCK_PLACE, values)
        if self._connection.execute(_LATE, values).scalar():
            return Verdict.LATE
        if status is not DispositionStatus.RETURNED:
            return Verdict.APPLIED
        quota = self._connection.execute(_QUOTA, values).one_or_none()
        if quota is None or quota.percent is None:
            return Verdict.APPLIED
        values = {"campaign": quota.id, "month": quota.month}
        row = self._connection.execute(RETURNED, values).one()
        allowed = may_return(row.charged, quota.percent)
        return Verdict.APPLIED if row.returned < allowed else Verdict.OVER_QUOTA

    def _move_place(
        self, lead_id: UUID, last: DispositionStatus | None, status: DispositionStatus
    ) -> None:
        if status in REFUSALS:
            returned = status is DispositionStatus.RETURNED
            kind = ChargeKind.RETURN if returned else ChargeKind.CREDIT
            cap_places.release(self._connection, [lead_id], kind)
        elif last in REFUSALS:
            # Refused first and accepted after all: it counts again if there is room. If not, the
            # school keeps the lead and owes nothing for it; the cap stays exact.
            with suppress(ConflictError), self._connection.begin_nested():
                cap_places.take_again(self._connection, lead_id)
                cap_places.mark_used(self._connection, [lead_id])


def _verdict(last: DispositionStatus | None, said: DispositionStatus) -> Verdict:
    if last is said:
        return Verdict.REPEATED
    try:
        check_disposition(last, said)
    except TransitionError:
        return Verdict.REFUSED
    return Verdict.APPLIED
