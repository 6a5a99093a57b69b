"""Reads leads for their school's staff; every question names the organization that asks."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from models.db.crypto import DataKey, Keyring, WrappedKey
from models.domain.school_lead import GivenConsent, SchoolLead, SchoolLeadDetail

_LEADS = """
    SELECT l.id, l.unitid, l.created_at, l.answers, l.price_minor IS NOT NULL AS sponsored,
      r.id AS request_id, r.student, r.source, r.locale, r.jurisdiction,
      r.slate #> '{slate,answers}' AS search,
      (SELECT jsonb_agg(x ORDER BY t.position)
       FROM lead_listing t
       JOIN jsonb_array_elements(r.slate -> 'listings') x ON x ->> 'listing_id' = t.listing_id
       WHERE t.lead_id = l.id) AS listings,
      k.person_id, k.master_key_id, k.wrapped
    FROM lead l
    JOIN request r ON r.id = l.request_id
    JOIN person_key k ON k.person_id = r.person_id
    WHERE l.organization_id = :organization
"""
_AFTER = """
    AND (CAST(:before AS uuid) IS NULL OR (l.created_at, l.id) <
         (SELECT b.created_at, b.id FROM lead b
          WHERE b.id = :before AND b.organization_id = :organization))
    ORDER BY l.created_at DESC, l.id DESC LIMIT :most
"""
_PAGE = text(_LEADS + _AFTER)
_ONE = text(_LEADS + " AND l.id = :lead")
_CONSENTS = text("""
    SELECT c.channel, w.text, c.agreed_at FROM consent c JOIN consent_text w ON w.id = c.text_id
    WHERE c.lead_id = :lead ORDER BY c.agreed_at, c.channel
""")


class SchoolLeadRepository:
    """Reads leads for the organization that they belong to, and for no other."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def page(self, organization_id: UUID, before: UUID | None, most: int) -> tuple[SchoolLead, ...]:
        """List leads, newest first, from the one after ``before``."""
        values = {"organization": organization_id, "before": before, "most": most}
        rows = self._connection.execute(_PAGE, values)
        return tuple(_lead(row, self._key(row)) for row in rows)

    def one(self, organization_id: UUID, lead_id: UUID) -> SchoolLeadDetail | None:
        """Read a lead; None when there is none or it is another's."""
        values = {"organization": organization_id, "lead": lead_id}
        row = self._connection.execute(_ONE, values).one_or_none()
        if row is None:
            return None
        key = self._key(row)
        consents = self._connection.execute(_CONSENTS, {"lead": lead_id})
        return SchoolLeadDetail(
            lead=_lead(row, key),
            search=row.search or {},
            answers=_opened(key, row.answers, "lead", "answers", row.id) or {},
            consents=tuple(GivenConsent(c.channel, c.text, c.agreed_at) for c in consents),
            source=row.source,
            locale=row.locale,
            jurisdiction=row.jurisdiction,
        )

    def _key(self, row: Row[Any]) -> DataKey | None:
        """The student's key; None when it was shredded."""
        if row.wrapped is None:
            return None
        return self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)


def _lead(row: Row[Any], key: DataKey | None) -> SchoolLead:
    listings = row.listings or []
    name = listings[0]["school"]["name"] if listings else str(row.unitid)
    programs = dict.fromkeys(each["program"]["title"] for each in listings)
    return SchoolLead(
        id=row.id,
        unitid=row.unitid,
        school_name=name,
        programs=tuple(programs),
        created_at=row.created_at,
        sponsored=row.sponsored,
        student=_opened(key, row.student, "request", "student", row.request_id),
    )


def _opened(
    key: DataKey | None, sealed: bytes | None, table: str, column: str, row: UUID
) -> Mapping[str, Any] | None:
    if key is None or not sealed:
        return None
    document: Mapping[str, Any] = json.loads(key.open(sealed, table, column, row))
    return document
