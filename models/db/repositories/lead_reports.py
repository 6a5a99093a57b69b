"""Counts what came of an organization's leads: one walk over them, grouped four ways at once."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from models.db.repositories.lead_states import STATE, state_values
from models.domain.lead_report import COUNTED, PAID, By, Counts, LeadReport, MonthShare, added

# One row a lead. Of several programs the paid one counts, else the one that stood first.
_CHOSEN = """
    WITH chosen AS (
      SELECT l.price_minor IS NOT NULL AS paid, l.currency, r.jurisdiction AS state,
        to_char(date_trunc('week', l.created_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD') AS week,
        coalesce(n.name, '') AS campaign,
        coalesce((SELECT p.program_id FROM lead_listing p WHERE p.lead_id = l.id
          ORDER BY p.campaign_version_id IS DISTINCT FROM l.campaign_version_id, p.position
          LIMIT 1), '') AS program,
        coalesce(st.said, st.by_delivery, '') AS outcome,
        coalesce((SELECT sum(h.amount_minor) FROM charge h WHERE h.lead_id = l.id), 0) AS cost
      FROM lead l JOIN request r ON r.id = l.request_id
      LEFT JOIN campaign_version v ON v.id = l.campaign_version_id
      LEFT JOIN campaign n ON n.id = v.campaign_id
"""
_GROUPED = """
      WHERE l.organization_id = :organization
        AND l.created_at >= :since AND l.created_at < :until),
    staged AS (
      SELECT *, outcome IN ('accepted', 'contacted', 'applied', 'enrolled') AS accepted,
        outcome IN ('contacted', 'applied', 'enrolled') AS contacted,
        outcome IN ('applied', 'enrolled') AS applied, outcome = 'enrolled' AS enrolled
      FROM chosen)
    SELECT GROUPING(week, program, state, campaign) AS left_out, week, program, state, campaign,
      currency, sum(cost)::bigint AS cost, count(*) AS leads,
      count(*) FILTER (WHERE accepted) AS accepted,
      count(*) FILTER (WHERE outcome = 'duplicate') AS duplicate,
      count(*) FILTER (WHERE outcome = 'rejected') AS rejected,
      count(*) FILTER (WHERE outcome = 'returned') AS returned,
      count(*) FILTER (WHERE contacted) AS contacted,
      count(*) FILTER (WHERE applied) AS applied,
      count(*) FILTER (WHERE enrolled) AS enrolled,
      count(*) FILTER (WHERE paid) AS paid,
      count(*) FILTER (WHERE paid AND applied) AS paid_applied,
      count(*) FILTER (WHERE paid AND enrolled) AS paid_enrolled
    FROM staged
    GROUP BY GROUPING SETS
      ((currency), (week, currency), (program, currency), (state, currency), (campaign, currency))
    ORDER BY 1, 2, 3, 4, 5, currency NULLS FIRST
"""
_REPORT = text(" ".join((_CHOSEN, STATE, _GROUPED)))
# A bit for each column that a group leaves out, the last column the lowest.
_LEFT_OUT = {0b0111: By.WEEK, 0b1011: By.PROGRAM, 0b1101: By.STATE, 0b1110: By.CAMPAIGN}
_MONTHS = text("""
    SELECT h.month, h.currency,
      coalesce(sum(h.amount_minor) FILTER (WHERE l.created_at >= :since AND l.created_at < :until),
        0)::bigint AS these,
      coalesce(sum(h.amount_minor) FILTER (WHERE l.id IS NULL), 0)::bigint AS adjustments,
      sum(h.amount_minor)::bigint AS total
    FROM charge h LEFT JOIN lead l ON l.id = h.lead_id
    WHERE h.organization_id = :organization
    GROUP BY 1, 2 HAVING bool_or(l.created_at >= :since AND l.created_at < :until)
    ORDER BY 1 DESC, 2
""")


class LeadReportRepository:
    """Counts what came of an organization's leads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def report(self, organization_id: UUID, since: datetime, until: datetime) -> LeadReport:
        """Count the leads asked for from ``since`` on, before ``until``."""
        values = {"organization": organization_id, "since": since, "until": until}
        whole = Counts()
        groups: Mapping[By, dict[str, Counts]] = {by: defaultdict(Counts) for by in By}
        for row in self._connection.execute(_REPORT, {**values, **state_values()}):
            by, counts = _LEFT_OUT.get(row.left_out), _counts(row)
            if by is None:
                whole = added(whole, counts)
            else:
                key = getattr(row, by.value)
                groups[by][key] = added(groups[by][key], counts)
        months = self._connection.execute(_MONTHS, values)
        return LeadReport(whole, groups, tuple(map(_month, months)))


def _counts(row: Row[Any]) -> Counts:
    counted: dict[str, Any] = {name: getattr(row, name) for name in COUNTED}
    if row.currency:
        counted |= {name: {row.currency: getattr(row, name)} for name in (*PAID, "cost")}
    return Counts(**counted)


def _month(row: Row[Any]) -> MonthShare:
    others = row.total - row.these - row.adjustments
    return MonthShare(row.month, row.currency, row.these, others, row.adjustments)
