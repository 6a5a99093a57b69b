"""Keeps what organizations owe: reads charges, adds adjustments, issues statements."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

from models.db.crypto import Keyring
from models.domain.ids import new_id
from models.domain.statement import (
    OPEN_FOR,
    ChargeKind,
    Discrepancy,
    MonthOwed,
    Statement,
    StatementLine,
    oldest_open_month,
)

_LINES = text("""
    SELECT h.kind, h.at, h.amount_minor, h.currency, h.lead_id, h.note, l.created_at AS asked_at,
      c.name AS campaign_name,
      (SELECT x #>> '{school,name}' FROM jsonb_array_elements(r.slate -> 'listings') x
       WHERE (x #>> '{school,unitid}')::integer = l.unitid LIMIT 1) AS school_name
    FROM charge h
    LEFT JOIN lead l ON l.id = h.lead_id
    LEFT JOIN request r ON r.id = l.request_id
    LEFT JOIN campaign c ON c.id = h.campaign_id
    WHERE h.organization_id = :organization AND h.month = :month
    ORDER BY h.currency, h.id
""")
_ISSUED = text("""
    SELECT o.name, s.currency, s.created_at FROM organization o
    LEFT JOIN statement s ON s.organization_id = o.id AND s.month = :month
    WHERE o.id = :organization
""")
_MONTHS = text("""
    SELECT h.month, h.currency, sum(h.amount_minor) AS total, s.created_at AS issued_at
    FROM charge h
    LEFT JOIN statement s ON s.organization_id = h.organization_id AND s.month = h.month
      AND s.currency = h.currency
    WHERE h.organization_id = :organization
    GROUP BY h.month, h.currency, s.created_at ORDER BY h.month DESC, h.currency
""")
_ADJUST = text("""
    INSERT INTO charge (organization_id, kind, amount_minor, currency, month, at, note, by)
    VALUES (:organization, 'adjustment', :amount, :currency,
      to_char((clock_timestamp() - CAST(:open AS interval)) AT TIME ZONE 'UTC', 'YYYY-MM'),
      :now, :note, :by)
    RETURNING month
""")
# Waits for who is writing charges; who comes after writes into a month that is open.
_LOCK = text("LOCK TABLE charge IN SHARE MODE")
_DUE = text("""
    SELECT h.organization_id, h.month, h.currency, sum(h.amount_minor)::bigint AS total,
      jsonb_agg(h.id ORDER BY h.id) AS lines
    FROM charge h
    WHERE h.month < :open AND NOT EXISTS (
      SELECT 1 FROM statement s WHERE s.organization_id = h.organization_id
        AND s.month = h.month AND s.currency = h.currency)
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""")
_ISSUE = text("""
    INSERT INTO statement (id, organization_id, month, currency, lines, total_minor, created_at)
    VALUES (:id, :organization, :month, :currency, CAST(:lines AS jsonb), :total, :now)
    ON CONFLICT DO NOTHING
""")
_DISCREPANCIES = text("""
    SELECT l.id, coalesce(h.charged, 0) AS charged,
      CASE WHEN g.state = 'used' THEN coalesce(l.price_minor, 0) ELSE 0 END AS owed
    FROM lead l
    JOIN cap_ledger g ON g.lead_id = l.id
    LEFT JOIN (SELECT lead_id, sum(amount_minor) AS charged FROM charge GROUP BY 1) h
      ON h.lead_id = l.id
    WHERE (CAST(:organization AS uuid) IS NULL OR l.organization_id = :organization)
      AND coalesce(h.charged, 0) <>
          CASE WHEN g.state = 'used' THEN coalesce(l.price_minor, 0) ELSE 0 END
    ORDER BY l.id
""")


class StatementRepository:
    """Keeps what organizations owe."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def of_month(self, organization_id: UUID, month: str) -> tuple[Statement, ...]:
        """Read an organization's statement of a month, one for each currency that it has."""
        values = {"organization": organization_id, "month": month}
        rows = self._connection.execute(_ISSUED, values).all()
        issued = {row.currency: row.created_at for row in rows}
        lines = self._connection.execute(_LINES, values)
        return tuple(
            Statement(
                organization_id,
                rows[0].name,
                month,
                currency,
                tuple(map(_line, found)),
                issued.get(currency),
            )
            for currency, found in groupby(lines, lambda row: row.currency)
        )

    def months(self, organization_id: UUID) -> tuple[MonthOwed, ...]:
        """List an organization's months with charges, the newest first."""
        rows = self._connection.execute(_MONTHS, {"organization": organization_id})
        return tuple(
            MonthOwed(row.month, row.currency, int(row.total), row.issued_at) for row in rows
        )

    def adjust(
        self, organization_id: UUID, amount: tuple[int, str], note: str, *, by: str, now: datetime
    ) -> str:
        """Add a line that is about no lead: an amount in minor units and its currency.

        Returns:
            The month that it stands in: the oldest that is still open.
        """
        minor, currency = amount
        values = {
            "organization": organization_id,
            "amount": minor,
            "currency": currency,
            "open": OPEN_FOR,
            "now": now,
            "note": note,
            "by": by,
        }
        month: str = self._connection.execute(_ADJUST, values).scalar_one()
        return month

    def issue(self, now: datetime) -> int:
        """Issue what is due: statements of all months that are over for good; return how many.

        Run again, or by two at once, it issues nothing twice.
        """
        closed = {"open": oldest_open_month(now)}
        # Most hours nothing is: nobody's charge waits for finding that out.
        if self._connection.execute(_DUE, closed).first() is None:
            return 0
        self._connection.execute(_LOCK)
        due = self._connection.execute(_DUE, closed).all()
        for row in due:
            self._connection.execute(
                _ISSUE,
                {
                    "id": new_id(now),
                    "organization": row.organization_id,
                    "month": row.month,
                    "currency": row.currency,
                    "lines": str(row.lines),
                    "total": row.total,
                    "now": now,
                },
            )
        return len(due)

    def discrepancies(self, organization_id: UUID | None = None) -> Sequence[Discrepancy]:
        """List leads whose charges differ from what their places say is owed: none, ever."""
        rows = self._connection.execute(_DISCREPANCIES, {"organization": organization_id})
        return [Discrepancy(row.id, int(row.charged), int(row.owed)) for row in rows]


def _line(row: Row[Any]) -> StatementLine:
    return StatementLine(
        kind=ChargeKind(row.kind),
        at=row.at,
        amount_minor=row.amount_minor,
        lead_id=row.lead_id,
        asked_at=row.asked_at,
        campaign_name=row.campaign_name,
        school_name=row.school_name,
        note=row.note,
    )
