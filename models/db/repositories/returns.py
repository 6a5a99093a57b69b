"""Reads what may be returned, and what was."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from models.domain.lead import DispositionStatus, Verdict
from models.domain.returns import MonthReturns, ReturnMade, ReturnTerms

# Of a campaign's leads of one month: how many are charged, and how many were returned. Judging a
# return asks the same.
RETURNED = text("""
    SELECT count(*) FILTER (WHERE h.kind = 'lead') - count(*) FILTER (WHERE h.kind = 'credit')
      AS charged, count(*) FILTER (WHERE h.kind = 'return') AS returned
    FROM charge h JOIN lead l ON l.id = h.lead_id
    WHERE h.campaign_id = :campaign AND l.terms ->> 'month' IS NOT DISTINCT FROM :month
""")
_TERMS = text("""
    SELECT c.id, c.name, l.terms ->> 'month' AS month,
      (l.terms ->> 'return_quota_percent')::integer AS percent,
      g.settled_at + make_interval(days => (l.terms ->> 'return_window_days')::integer) AS until
    FROM cap_ledger g JOIN lead l ON l.id = g.lead_id JOIN campaign c ON c.id = g.campaign_id
    WHERE g.lead_id = :lead AND l.organization_id = :organization AND g.state = 'used'
""")
# A lead's lines never stand in a month before its own. Where terms changed within a month, the
# strictest share is told.
_MONTHS = text("""
    SELECT c.id, c.name, l.terms ->> 'month' AS month,
      min((l.terms ->> 'return_quota_percent')::integer) AS percent,
      count(*) FILTER (WHERE h.kind = 'lead') - count(*) FILTER (WHERE h.kind = 'credit')
        AS charged,
      count(*) FILTER (WHERE h.kind = 'return') AS returned
    FROM charge h JOIN lead l ON l.id = h.lead_id JOIN campaign c ON c.id = h.campaign_id
    WHERE h.organization_id = :organization AND h.month >= :oldest
      AND l.terms ->> 'month' >= :oldest
    GROUP BY 1, 2, 3 ORDER BY 3 DESC, 2, 1
""")
_MADE = text("""
    SELECT l.id, l.unitid, d.received_at, d.reason, d.verdict, back.amount, l.currency
    FROM lead l JOIN disposition d ON d.lead_id = l.id
    LEFT JOIN LATERAL (SELECT sum(h.amount_minor)::bigint AS amount FROM charge h
                       WHERE h.lead_id = l.id AND h.kind = 'return') back ON true
    WHERE l.organization_id = :organization AND l.created_at >= :since
      AND d.status = :returned AND d.verdict = ANY(ARRAY['applied', 'late', 'over_quota'])
    ORDER BY d.received_at DESC, d.id DESC LIMIT :most
""")


class ReturnRepository:
    """Reads what may be returned, and what was."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def terms(self, organization_id: UUID, lead_id: UUID) -> ReturnTerms | None:
        """Tell under which terms a lead can be taken back; None: nothing is charged for it."""
        values = {"organization": organization_id, "lead": lead_id}
        row = self._connection.execute(_TERMS, values).one_or_none()
        if row is None:
            return None
        counted = {"campaign": row.id, "month": row.month}
        found = self._connection.execute(RETURNED, counted).one()
        month = MonthReturns(
            row.id, row.name, row.month, row.percent, found.charged, found.returned
        )
        return ReturnTerms(row.until, month)

    def months(self, organization_id: UUID, oldest: str) -> tuple[MonthReturns, ...]:
        """List campaigns by month, from a month such as ``2026-09`` on, newest first."""
        values = {"organization": organization_id, "oldest": oldest}
        return tuple(
            MonthReturns(row.id, row.name, row.month, row.percent, row.charged, row.returned)
            for row in self._connection.execute(_MONTHS, values)
        )

    def made(self, organization_id: UUID, since: datetime, most: int) -> tuple[ReturnMade, ...]:
        """List returns of the leads asked for since a moment, newest first."""
        values = {
            "organization": organization_id,
            "since": since,
            "returned": DispositionStatus.RETURNED.value,
            "most": most,
        }
        return tuple(
            ReturnMade(
                row.id,
                row.unitid,
                row.received_at,
                row.reason,
                Verdict(row.verdict),
                None if row.amount is None else (row.amount, row.currency),
            )
            for row in self._connection.execute(_MADE, values)
        )
