"""Opens deliveries: bodies, the facts of their leads, and whether they may be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Row, text

from models.db.crypto import DataKey, Keyring, WrappedKey
from models.db.repositories.arrays import uuids
from models.domain.delivery import ClaimedDelivery, DeliveryStatus, Purpose
from models.domain.errors import TamperedError
from models.domain.ids import Prefix, show
from models.domain.sending import DestinationTest, HeldDelivery, LeadFacts, StopReason
from models.domain.verification import Verification

# What tells a school to use a lead; a withdrawal or a deletion must reach it in any case.
_USES = frozenset({Purpose.LEAD, Purpose.CORRECTION})
# How long a change waits for what it changes: a try that is under way, or one that comes again.
_IN_FLIGHT = timedelta(seconds=1)
_TRIED_AGAIN = timedelta(minutes=1)

# Facts are read where a body must be made of them: before the first try, when there is no key to
# open the frozen one (what it then says is made of nothing personal), and where ``facts`` asks.
_OPEN = text("""
    SELECT d.id, d.purpose, d.destination_id, d.body, d.body_hash, d.created_at AS purpose_at,
      l.unitid, l.answers, l.id AS lead_id,
      r.id AS request_id, r.created_at AS requested_at, r.source, r.publisher_id,
      r.landing_page, r.creative,
      r.locale, r.jurisdiction, r.email_confirmed_at IS NOT NULL AS confirmed,
      l.confirm_by IS NOT NULL AS asked_to_confirm,
      CASE WHEN d.body IS NULL THEN r.student END AS student,
      CASE WHEN d.body IS NULL THEN r.slate #> '{slate,answers}' END AS search,
      CASE WHEN d.body IS NULL OR k.wrapped IS NULL OR :facts THEN
        (SELECT jsonb_agg(x ORDER BY t.position)
         FROM lead_listing t
         JOIN jsonb_array_elements(r.slate -> 'listings') x ON x ->> 'listing_id' = t.listing_id
         WHERE t.lead_id = l.id) END AS listings,
      (SELECT jsonb_agg(jsonb_build_object(
           'channel', c.channel, 'text_id', c.text_id, 'text', w.text, 'version', w.version,
           'locale', c.locale, 'jurisdiction', c.jurisdiction, 'agreed_at', c.agreed_at)
         ORDER BY c.agreed_at, c.channel)
       FROM consent c JOIN consent_text w ON w.id = c.text_id WHERE c.lead_id = l.id) AS consents,
      (SELECT min(o.created_at) FROM delivery o WHERE o.lead_id = l.id
       AND o.purpose IN ('withdrawal', 'deletion')) AS withdrawn_at,
      (SELECT min(s.created_at) FROM suppression s JOIN consent c ON c.lead_id = l.id
       WHERE (s.kind = 'email' AND s.blind_index = r.email_index AND c.channel = 'email')
          OR (s.kind = 'phone' AND s.blind_index = r.phone_index
              AND c.channel IN ('call', 'text'))) AS suppressed_at,
      k.person_id, k.master_key_id, k.wrapped, k.shredded_at,
      b.status AS before, b.attempts AS tried, b.on_its_way, b.may_have_it
    FROM delivery d
    LEFT JOIN lead l ON l.id = d.lead_id
    LEFT JOIN request r ON r.id = l.request_id
    LEFT JOIN person_key k ON k.person_id = r.person_id
    LEFT JOIN LATERAL (
      SELECT min(o.status) FILTER (WHERE o.purpose = 'lead') AS status,
        sum(o.attempts) FILTER (WHERE o.purpose = 'lead') AS attempts,
        bool_or(o.status = 'leased') AS on_its_way,
        bool_or(o.status NOT IN ('rejected', 'failed', 'expired', 'poison', 'cancelled'))
          FILTER (WHERE o.purpose = 'lead') AS may_have_it
      FROM delivery o
      WHERE d.purpose IN ('withdrawal', 'correction', 'deletion') AND o.lead_id = d.lead_id
        AND o.destination_id = d.destination_id AND o.id <> d.id) b ON true
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


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """A delivery with its seals opened; see ``HeldDelivery``."""

    envelope: PersonEnvelope
    body: bytes | None = None
    body_hash: bytes | None = None
    facts: LeadFacts | DestinationTest | None = None
    stop: StopReason | None = None
    stopped_at: datetime | None = None
    unreadable: bool = False
    request_id: UUID | None = None
    wait: timedelta | None = None


def hold_claims(
    connection: Connection, keyring: Keyring, claims: Sequence[ClaimedDelivery]
) -> list[HeldDelivery]:
    """Open what was claimed, and read anew whether it may be sent."""
    opened = open_deliveries(connection, keyring, [claim.id for claim in claims])
    return [_held(claim, opened[claim.id]) for claim in claims]


def open_deliveries(
    connection: Connection, keyring: Keyring, ids: Sequence[UUID], *, facts: bool = False
) -> dict[UUID, Opened]:
    """Open deliveries by their ids, and read anew whether their content may be told.

    Args:
        connection: inside a transaction.
        keyring: opens persons' keys.
        ids: of deliveries that exist.
        facts: whether to make facts also for those that need none to be sent: of what may not be
            told, they hold nothing but ids and the school.
    """
    rows = connection.execute(_OPEN, {"ids": uuids(ids), "facts": facts}).all()
    return {row.id: _opened(keyring, row, facts=facts) for row in rows}


def _held(claim: ClaimedDelivery, opened: Opened) -> HeldDelivery:
    return HeldDelivery(
        claim,
        opened.envelope,
        opened.body,
        opened.body_hash,
        opened.facts,
        opened.stop,
        opened.unreadable,
        opened.request_id,
        opened.wait,
    )


def _opened(keyring: Keyring, row: Row[Any], *, facts: bool) -> Opened:
    if row.lead_id is None:
        test = DestinationTest(row.destination_id, row.purpose_at)
        return Opened(PersonEnvelope(None, row.id), body_hash=row.body_hash, facts=test)
    stop, stopped_at = _stop(row)
    try:
        if stop is not None:
            told = _facts(row, None) if facts else None
            envelope = PersonEnvelope(_key(keyring, row), row.id)
            return Opened(
                envelope, facts=told, stop=stop, stopped_at=stopped_at, request_id=row.request_id
            )
        key = _key(keyring, row)
        body = None
        if row.body is not None and key is not None:
            body = key.open(row.body, "delivery", "body", row.id)
        made_of = _facts(row, key) if body is None else None
    except TamperedError:
        return Opened(PersonEnvelope(None, row.id), unreadable=True, request_id=row.request_id)
    envelope = PersonEnvelope(key, row.id)
    return Opened(
        envelope, body, row.body_hash, made_of, request_id=row.request_id, wait=_wait(row)
    )


def _stop(row: Row[Any]) -> tuple[StopReason | None, datetime | None]:
    if row.tried == 0 and not row.on_its_way:
        # It has nothing to forget or to mend; what still waits to be sent stops, or says it anew.
        return StopReason.NEVER_SENT, row.purpose_at
    if row.purpose == Purpose.CORRECTION and row.may_have_it is False:
        # It says the whole lead anew: to who refused it, or never got it, it would give it away.
        return StopReason.NEVER_SENT, row.purpose_at
    if row.purpose not in _USES:
        return None, None
    checks = (
        (row.wrapped is None, StopReason.ERASED, row.shredded_at),
        (row.withdrawn_at is not None, StopReason.WITHDRAWN, row.withdrawn_at),
        (not row.consents, StopReason.NO_CONSENT, row.purpose_at),
        (row.suppressed_at is not None, StopReason.SUPPRESSED, row.suppressed_at),
        # Who has the lead already gets a correction, also one of an address yet to be confirmed.
        (
            row.purpose == Purpose.LEAD and row.asked_to_confirm and not row.confirmed,
            StopReason.UNCONFIRMED,
            row.purpose_at,
        ),
    )
    found = ((reason, since) for holds, reason, since in checks if holds)
    return next(found, (None, None))


def _wait(row: Row[Any]) -> timedelta | None:
    """How long a change waits, so that the school hears of it after what it changes."""
    if row.on_its_way:
        return _IN_FLIGHT
    # Its old words are frozen and will be tried again; what mends them comes after them.
    again = row.purpose == Purpose.CORRECTION and row.before == DeliveryStatus.PENDING
    return _TRIED_AGAIN if again else None


def _key(keyring: Keyring, row: Row[Any]) -> DataKey | None:
    if row.wrapped is None:
        return None
    return keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)


def _publisher(row: Any) -> str:
    """Name whose page the student came from: a publisher's shown id, else ``site``."""
    return show(Prefix.PUBLISHER, row.publisher_id) if row.publisher_id else str(row.source)


def _document(
    key: DataKey | None, sealed: bytes | None, table: str, column: str, row: UUID
) -> dict[str, Any]:
    if sealed is None or key is None:
        return {}
    opened: dict[str, Any] = orjson.loads(key.open(sealed, table, column, row))
    return opened


def _facts(row: Row[Any], key: DataKey | None) -> LeadFacts:
    listings = row.listings or []
    return LeadFacts(
        lead_id=row.lead_id,
        request_id=row.request_id,
        requested_at=row.requested_at,
        purpose=Purpose(row.purpose),
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
            "publisher": _publisher(row),
            "landing_page": row.landing_page,
            "creative": row.creative,
        },
        locale=row.locale,
        jurisdiction=row.jurisdiction,
        verification=Verification.EMAIL_CONFIRMED if row.confirmed else Verification.NONE,
    )
