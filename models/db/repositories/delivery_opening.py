"""Opens claimed deliveries: bodies, the facts of their leads, and whether they may be sent."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from models.db.crypto import DataKey, Keyring, WrappedKey
from models.domain.delivery import ClaimedDelivery, Purpose
from models.domain.errors import TamperedError
from models.domain.sending import HeldDelivery, LeadFacts, StopReason

# What tells a school to use a lead; a withdrawal or a deletion must reach it in any case.
_USES = frozenset({Purpose.LEAD, Purpose.CORRECTION})

_HOLD = text("""
    SELECT d.id, d.body, d.body_hash, d.created_at AS purpose_at,
      l.unitid, l.answers, l.id AS lead_id,
      r.id AS request_id, r.created_at AS requested_at, r.source, r.landing_page, r.creative,
      r.locale, r.jurisdiction,
      CASE WHEN d.body IS NULL THEN r.student END AS student,
      CASE WHEN d.body IS NULL THEN r.slate #> '{slate,answers}' END AS search,
      CASE WHEN d.body IS NULL THEN
        (SELECT jsonb_agg(x ORDER BY t.position)
         FROM lead_listing t
         JOIN jsonb_array_elements(r.slate -> 'listings') x ON x ->> 'listing_id' = t.listing_id
         WHERE t.lead_id = l.id) END AS listings,
      (SELECT jsonb_agg(jsonb_build_object(
           'channel', c.channel, 'text_id', c.text_id, 'text', w.text, 'version', w.version,
           'locale', c.locale, 'jurisdiction', c.jurisdiction, 'agreed_at', c.agreed_at)
         ORDER BY c.agreed_at, c.channel)
       FROM consent c JOIN consent_text w ON w.id = c.text_id WHERE c.lead_id = l.id) AS consents,
      EXISTS (SELECT 1 FROM delivery o WHERE o.lead_id = l.id
              AND o.purpose IN ('withdrawal', 'deletion')) AS withdrawn,
      EXISTS (SELECT 1 FROM suppression s JOIN consent c ON c.lead_id = l.id
              WHERE (s.kind = 'email' AND s.blind_index = r.email_index AND c.channel = 'email')
                 OR (s.kind = 'phone' AND s.blind_index = r.phone_index
                     AND c.channel IN ('call', 'text'))) AS suppressed,
      k.person_id, k.master_key_id, k.wrapped, k.shredded_at
    FROM delivery d
    JOIN lead l ON l.id = d.lead_id
    JOIN request r ON r.id = l.request_id
    JOIN person_key k ON k.person_id = r.person_id
    WHERE d.id = ANY(CAST(:ids AS uuid[]))
""")


class PersonEnvelope:
    """Seals what a delivery adds to the ledger; without a key (shredded) nothing is kept."""

    def __init__(self, key: DataKey | None, delivery_id: UUID) -> None:
        self._key = key
        self._delivery_id = delivery_id

    def seal_body(self, body: bytes) -> bytes | None:
        """Seal the body to be frozen; None when no key is left."""
        if self._key is None:
            return None
        return self._key.seal(body, "delivery", "body", self._delivery_id)

    def seal_answer(self, attempt: int, head: bytes) -> bytes | None:
        """Seal the head of a receiver's answer; None when no key is left or it said nothing."""
        if self._key is None or not head:
            return None
        return self._key.seal(head, "attempt", "answer_head", f"{self._delivery_id}:{attempt}")


def hold_claims(
    connection: Connection, keyring: Keyring, claims: Sequence[ClaimedDelivery]
) -> list[HeldDelivery]:
    """Open what was claimed, and read anew whether it may be sent.

    A delivery without a lead has nothing to open: it is held as unreadable.
    """
    rows = {row.id: row for row in connection.execute(_HOLD, {"ids": [c.id for c in claims]})}
    return [_hold(keyring, claim, rows.get(claim.id)) for claim in claims]


def _hold(keyring: Keyring, claim: ClaimedDelivery, row: Row[Any] | None) -> HeldDelivery:
    if row is None:
        return HeldDelivery(claim, PersonEnvelope(None, claim.id), unreadable=True)
    stop = _stop(claim.purpose, row)
    try:
        key = _key(keyring, row)
        envelope = PersonEnvelope(key, claim.id)
        if stop is not None:
            return HeldDelivery(claim, envelope, stop=stop)
        body = None if row.body is None else _open(key, row.body, "delivery", "body", claim.id)
        facts = _facts(claim, row, key) if body is None else None
    except TamperedError:
        return HeldDelivery(claim, PersonEnvelope(None, claim.id), unreadable=True)
    return HeldDelivery(claim, envelope, body, row.body_hash, facts)


def _stop(purpose: Purpose, row: Row[Any]) -> StopReason | None:
    if purpose not in _USES:
        return None
    checks = (
        (row.withdrawn, StopReason.WITHDRAWN),
        (row.wrapped is None, StopReason.ERASED),
        (not row.consents, StopReason.NO_CONSENT),
        (row.suppressed, StopReason.SUPPRESSED),
    )
    return next((reason for holds, reason in checks if holds), None)


def _key(keyring: Keyring, row: Row[Any]) -> DataKey | None:
    if row.wrapped is None:
        return None
    return keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)


def _open(key: DataKey | None, sealed: bytes, table: str, column: str, row: UUID) -> bytes:
    if key is None:
        raise TamperedError(f"{table}.{column} of {row} has no key any more")
    return key.open(sealed, table, column, row)


def _document(
    key: DataKey | None, sealed: bytes | None, table: str, column: str, row: UUID
) -> dict[str, Any]:
    if sealed is None or key is None:
        return {}
    opened: dict[str, Any] = json.loads(key.open(sealed, table, column, row))
    return opened


def _facts(claim: ClaimedDelivery, row: Row[Any], key: DataKey | None) -> LeadFacts:
    listings = row.listings or []
    return LeadFacts(
        lead_id=row.lead_id,
        request_id=row.request_id,
        requested_at=row.requested_at,
        purpose=claim.purpose,
        purpose_at=row.purpose_at,
        unitid=row.unitid,
        school=listings[0]["school"] if listings else {},
        programs=[
            {**x["program"], "sponsored": x.get("campaign_version_id") is not None}
            for x in listings
        ],
        search=row.search or {},
        student=_document(key, row.student, "request", "student", row.request_id),
        answers=_document(key, row.answers, "lead", "answers", row.lead_id),
        consents=row.consents or [],
        source={
            "publisher": row.source,
            "landing_page": row.landing_page,
            "creative": row.creative,
        },
        locale=row.locale,
        jurisdiction=row.jurisdiction,
    )
