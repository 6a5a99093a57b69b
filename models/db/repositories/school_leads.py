"""Reads leads for their school's staff; every question names the organization that asks."""

import json
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from models.db.crypto import DataKey, Keyring, WrappedKey
from models.db.repositories.lead_filters import clauses, sought_clause
from models.db.repositories.lead_states import STATE, state_values
from models.domain.consent import Channel
from models.domain.lead import LeadStatus
from models.domain.lead_search import LeadFilter, Seen, Sought
from models.domain.school_lead import (
    Decision,
    GivenConsent,
    SchoolLead,
    SchoolLeadDetail,
    told_to_school,
)
from models.domain.slates import read_slate

_OF = " WHERE l.organization_id = :organization"
_SELECTED = """
    SELECT l.id, l.unitid, l.created_at, l.answers, l.price_minor, l.currency,
      r.id AS request_id, r.student, r.source, r.locale, r.jurisdiction, st.status,
      st.withdrawn OR EXISTS (SELECT 1 FROM suppression s
                              WHERE s.kind = 'email' AND s.blind_index = r.email_index)
        OR EXISTS (SELECT 1 FROM suppression s
                   WHERE s.kind = 'phone' AND s.blind_index = r.phone_index) AS withheld,
      r.slate #> '{slate,answers}' AS search,
      ARRAY(SELECT c.channel FROM consent c WHERE c.lead_id = l.id ORDER BY 1) AS channels,
      (SELECT n.name FROM campaign_version v JOIN campaign n ON n.id = v.campaign_id
       WHERE v.id = l.campaign_version_id) AS campaign_name,
      (SELECT jsonb_agg(x ORDER BY t.position)
       FROM lead_listing t
       JOIN jsonb_array_elements(r.slate -> 'listings') x ON x ->> 'listing_id' = t.listing_id
       WHERE t.lead_id = l.id) AS listings,
      k.person_id, k.master_key_id, k.wrapped
    FROM lead l
    JOIN request r ON r.id = l.request_id
    JOIN person_key k ON k.person_id = r.person_id
"""
_LEADS = " ".join((_SELECTED, STATE, _OF))
# After a lead of a list that may have changed since: its place is its moment and id, which stay.
_AFTER = """
    AND (l.created_at, l.id) < (SELECT b.created_at, b.id FROM lead b
                                WHERE b.id = :before AND b.organization_id = :organization)
"""
_NEWEST_FIRST = " ORDER BY l.created_at DESC, l.id DESC LIMIT :most"
_COUNTED = (
    "SELECT count(*) FROM (SELECT 1 FROM lead l JOIN request r ON r.id = l.request_id",
    " LIMIT :most) counted",
)
_CONSENTS = text("""
    SELECT c.channel, w.text, c.agreed_at FROM consent c JOIN consent_text w ON w.id = c.text_id
    WHERE c.lead_id = :lead ORDER BY c.agreed_at, c.channel
""")
_DECISION = text("""
    SELECT l.unitid, r.slate -> 'slate' AS slate,
      ARRAY(SELECT p.position FROM lead_listing p WHERE p.lead_id = l.id ORDER BY 1) AS positions
    FROM lead l JOIN request r ON r.id = l.request_id
    WHERE l.id = :lead AND l.organization_id = :organization
""")
_SEEN = text("""
    WITH newest AS (
      SELECT l.id, r.jurisdiction FROM lead l JOIN request r ON r.id = l.request_id
      WHERE l.organization_id = :organization ORDER BY l.created_at DESC LIMIT :most)
    SELECT
      ARRAY(SELECT DISTINCT p.program_id FROM newest JOIN lead_listing p ON p.lead_id = newest.id
            ORDER BY 1) AS programs,
      ARRAY(SELECT DISTINCT jurisdiction FROM newest ORDER BY 1) AS states
""")


class SchoolLeadRepository:
    """Reads leads for the organization that they belong to, and for no other."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def page(
        self,
        organization_id: UUID,
        wanted: LeadFilter,
        most: int,
        before: UUID | None = None,
        sought: Sought | Collection[UUID] | None = None,
    ) -> tuple[SchoolLead, ...]:
        """List leads, newest first, from the one after ``before``."""
        narrowed, values = clauses(wanted)
        person, about = sought_clause(self._keyring, sought)
        query = _LEADS + narrowed + person + (_AFTER if before else "") + _NEWEST_FIRST
        values |= {**about, **state_values(), "organization": organization_id, "most": most}
        if before:
            values["before"] = before
        rows = self._connection.execute(text(query), values)
        return tuple(_lead(row, self._key(row)) for row in rows)

    def count(self, organization_id: UUID, wanted: LeadFilter, most: int) -> int:
        """Count leads, at most so many."""
        narrowed, values = clauses(wanted)
        head, tail = _COUNTED
        values |= {**state_values(), "organization": organization_id, "most": most}
        query = text(head + STATE + _OF + narrowed + tail)
        return int(self._connection.execute(query, values).scalar_one())

    def seen(self, organization_id: UUID, most: int) -> Seen:
        """List programs and states of the newest leads, so many of them."""
        values = {"organization": organization_id, "most": most}
        row = self._connection.execute(_SEEN, values).one()
        return Seen(tuple(row.programs), tuple(row.states))

    def one(self, organization_id: UUID, lead_id: UUID) -> SchoolLeadDetail | None:
        """Read a lead; None when there is none or it is another's."""
        values = {**state_values(), "organization": organization_id, "lead": lead_id}
        row = self._connection.execute(text(_LEADS + " AND l.id = :lead"), values).one_or_none()
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

    def decision(self, organization_id: UUID, lead_id: UUID) -> Decision | None:
        """Read what a lead's slate was; None when there is none or it is another's."""
        values = {"organization": organization_id, "lead": lead_id}
        row = self._connection.execute(_DECISION, values).one_or_none()
        if row is None:
            return None
        whole = row.slate is not None and "catalog_version" in row.slate
        return Decision(row.unitid, tuple(row.positions), read_slate(row.slate) if whole else None)

    def _key(self, row: Row[Any]) -> DataKey | None:
        """The student's key; None when it was shredded."""
        if row.wrapped is None:
            return None
        return self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.person_id)


def _lead(row: Row[Any], key: DataKey | None) -> SchoolLead:
    listings = row.listings or []
    name = listings[0]["school"]["name"] if listings else str(row.unitid)
    programs = dict.fromkeys(each["program"]["title"] for each in listings)
    student = _opened(key, row.student, "request", "student", row.request_id)
    return SchoolLead(
        id=row.id,
        unitid=row.unitid,
        school_name=name,
        programs=tuple(programs),
        created_at=row.created_at,
        status=LeadStatus(row.status),
        price=None if row.price_minor is None else (row.price_minor, row.currency),
        campaign_name=row.campaign_name,
        jurisdiction=row.jurisdiction,
        channels=tuple(map(Channel, row.channels)),
        withheld=row.withheld,
        student=None if student is None else told_to_school(student, row.channels),
    )


def _opened(
    key: DataKey | None, sealed: bytes | None, table: str, column: str, row: UUID
) -> Mapping[str, Any] | None:
    if key is None or not sealed:
        return None
    document: Mapping[str, Any] = json.loads(key.open(sealed, table, column, row))
    return document
