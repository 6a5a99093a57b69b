"""Gathers everything kept of one lead, for a dispute."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, TextClause, text

from models.db.crypto import DataKey, Keyring, WrappedKey
from models.db.repositories.chain_proofs import prove_consents
from models.domain.dispute import Disputed
from models.domain.errors import NotFoundError
from models.domain.ids import Prefix, show

_LEAD = text("""
    SELECT l.id, l.unitid, l.created_at, l.answers, l.confirm_by, l.price_minor, l.currency,
      l.terms, o.name AS organization, l.organization_id, v.version AS campaign_version,
      v.settings AS campaign_settings, c.id AS campaign_id, c.name AS campaign_name,
      r.id AS request_id, r.slate_id, r.source, r.locale, r.jurisdiction, r.landing_page,
      r.creative, r.student, r.evidence, r.age_18_or_over, r.privacy_control,
      r.email_confirmed_at, r.slate #> '{slate,answers}' AS search,
      r.slate #>> '{slate,catalog_version}' AS catalog_version,
      r.slate #>> '{slate,ranker_version}' AS ranker_version,
      p.name AS publisher, p.site AS publisher_site,
      k.person_id, k.master_key_id, k.wrapped, k.shredded_at,
      (SELECT jsonb_agg(x ORDER BY t.position)
       FROM lead_listing t
       JOIN jsonb_array_elements(r.slate -> 'listings') x ON x ->> 'listing_id' = t.listing_id
       WHERE t.lead_id = l.id) AS listings
    FROM lead l
    JOIN request r ON r.id = l.request_id
    JOIN person_key k ON k.person_id = r.person_id
    JOIN organization o ON o.id = l.organization_id
    LEFT JOIN publisher p ON p.id = r.publisher_id
    LEFT JOIN campaign_version v ON v.id = l.campaign_version_id
    LEFT JOIN campaign c ON c.id = v.campaign_id
    WHERE l.id = :lead
""")
_CONSENTS = text("""
    SELECT c.id, c.channel, c.agreed_at, c.canonical, w.text, w.version, w.locale, w.jurisdiction
    FROM consent c JOIN consent_text w ON w.id = c.text_id
    WHERE c.lead_id = :lead ORDER BY c.channel
""")
_DELIVERIES = text("""
    SELECT d.id, d.purpose, d.by_mail, d.generation, d.status, d.created_at, d.settled_at, d.body,
      d.body_hash, d.receiver_reference, s.name AS destination, s.kind, o.name AS organization,
      v.version AS settings_version, v.settings
    FROM delivery d
    JOIN destination s ON s.id = d.destination_id
    JOIN organization o ON o.id = s.organization_id
    LEFT JOIN destination_version v ON v.id = d.destination_version_id
    WHERE d.lead_id = :lead ORDER BY d.created_at, d.generation, d.id
""")
_ATTEMPTS = text("""
    SELECT a.* FROM attempt a JOIN delivery d ON d.id = a.delivery_id
    WHERE d.lead_id = :lead ORDER BY a.started_at, a.n
""")
_DISPOSITIONS = text("""
    SELECT received_at, happened_at, status, reason, verdict, api_key_id IS NOT NULL AS by_key
    FROM disposition WHERE lead_id = :lead ORDER BY number NULLS LAST, received_at
""")
_MESSAGES = text("""
    SELECT m.id, m.template, m.locale, m.status, m.created_at, m.settled_at
    FROM message m JOIN lead l ON l.request_id = m.request_id
    WHERE l.id = :lead ORDER BY m.created_at, m.id
""")


class DisputeRepository:
    """Gathers what a dispute over a lead needs."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def gather(self, lead_id: UUID) -> Disputed:
        """Read everything kept of a lead.

        Raises:
            NotFoundError: when there is no such lead.
        """
        row = self._connection.execute(_LEAD, {"lead": lead_id}).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no lead {show(Prefix.LEAD, lead_id)}")
        key = self._key(row)
        return Disputed(
            slate_id=row.slate_id,
            lead=_lead(row),
            student=_opened(key, row.student, "request", "student", row.request_id),
            evidence=_opened(key, row.evidence, "request", "evidence", row.request_id),
            answers=_opened(key, row.answers, "lead", "answers", row.id),
            listings=row.listings or [],
            campaign=_campaign(row),
            consents=[
                _plain(each, Prefix.CONSENT, "consent_id", "canonical")
                | {"canonical": _text(key, each.canonical, "consent", "canonical", each.id)}
                for each in self._rows(_CONSENTS, lead_id)
            ],
            deliveries=self._deliveries(lead_id, key),
            dispositions=[_plain(each) for each in self._rows(_DISPOSITIONS, lead_id)],
            messages=[
                _plain(each, Prefix.MESSAGE, "message_id")
                for each in self._rows(_MESSAGES, lead_id)
            ],
            proof=prove_consents(self._connection, lead_id),
        )

    def _deliveries(self, lead_id: UUID, key: DataKey | None) -> list[dict[str, Any]]:
        attempts: dict[UUID, list[dict[str, Any]]] = {}
        for each in self._rows(_ATTEMPTS, lead_id):
            place = f"{each.delivery_id}:{each.n}"
            answer = _text(key, each.answer_head, "attempt", "answer_head", place)
            said = _plain(each, None, None, "answer_head", "delivery_id", "batch_id", "lease_token")
            attempts.setdefault(each.delivery_id, []).append(said | {"answer": answer})
        return [
            _plain(each, Prefix.DELIVERY, "delivery_id", "body", "body_hash")
            | {
                "body": _text(key, each.body, "delivery", "body", each.id),
                "body_sha256": each.body_hash.hex() if each.body_hash else None,
                "attempts": attempts.get(each.id, []),
            }
            for each in self._rows(_DELIVERIES, lead_id)
        ]

    def _rows(self, query: TextClause, lead_id: UUID) -> list[Row[Any]]:
        return list(self._connection.execute(query, {"lead": lead_id}))

    def _key(self, row: Row[Any]) -> DataKey | None:
        if row.wrapped is None:
            return None
        return self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)


def _lead(row: Row[Any]) -> dict[str, Any]:
    return {
        "lead_id": show(Prefix.LEAD, row.id),
        "request_id": show(Prefix.REQUEST, row.request_id),
        "unitid": row.unitid,
        "organization_id": show(Prefix.ORGANIZATION, row.organization_id),
        "organization": row.organization,
        "created_at": row.created_at.isoformat(),
        "source": row.source,
        "publisher": row.publisher,
        "publisher_site": row.publisher_site,
        "landing_page": row.landing_page,
        "creative": row.creative,
        "locale": row.locale,
        "jurisdiction": row.jurisdiction,
        "age_18_or_over": row.age_18_or_over,
        "privacy_control": row.privacy_control,
        "email_confirmed_at": _moment(row.email_confirmed_at),
        "confirm_by": _moment(row.confirm_by),
        "erased_at": _moment(row.shredded_at),
        "search": row.search,
        "catalog_version": row.catalog_version,
        "ranker_version": row.ranker_version,
    }


def _campaign(row: Row[Any]) -> dict[str, Any] | None:
    if row.campaign_id is None:
        return None
    return {
        "campaign_id": show(Prefix.CAMPAIGN, row.campaign_id),
        "name": row.campaign_name,
        "version": row.campaign_version,
        "price_minor": row.price_minor,
        "currency": row.currency,
        "terms": row.terms,
        "settings": row.campaign_settings,
    }


def _plain(
    row: Row[Any], prefix: Prefix | None = None, id_name: str | None = None, *left: str
) -> dict[str, Any]:
    """Write a row as JSON holds it, its id as people see it, without the columns ``left`` out."""
    found = {
        name: _moment(value) if hasattr(value, "isoformat") else value
        for name, value in row._asdict().items()
        if name not in ("id", *left)
    }
    return found if prefix is None or id_name is None else {id_name: show(prefix, row.id), **found}


def _moment(value: Any) -> str | None:
    return None if value is None else str(value.isoformat())


def _text(
    key: DataKey | None, sealed: bytes | None, table: str, column: str, row: UUID | str
) -> str | None:
    if key is None or not sealed:
        return None
    return key.open(sealed, table, column, row).decode(errors="replace")


def _opened(
    key: DataKey | None, sealed: bytes | None, table: str, column: str, row: UUID
) -> Mapping[str, Any] | None:
    plain = _text(key, sealed, table, column, row)
    document: Mapping[str, Any] | None = None if plain is None else json.loads(plain)
    return document
