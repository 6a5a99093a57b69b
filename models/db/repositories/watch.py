"""Reads what operators watch: the audit, and schools that refuse more than they used to."""

from sqlalchemy import Connection, select, text

from models.db.crypto import Keyring
from models.db.tables.organizations import audit
from models.domain.lead import REFUSALS
from models.domain.refusals import BEFORE, RECENT, Refusals
from models.domain.school_lead import AuditRow

# Of each lead the last answer counts.
_REFUSALS = text("""
    WITH said AS (
      SELECT DISTINCT ON (lead_id) organization_id, status = ANY(:refusals) AS refused,
        received_at > now() - CAST(:recent AS interval) AS recent
      FROM disposition
      WHERE verdict = 'applied'
        AND received_at > now() - CAST(:recent AS interval) - CAST(:before AS interval)
      ORDER BY lead_id, number DESC NULLS LAST)
    SELECT s.organization_id, o.name,
      count(*) FILTER (WHERE s.recent) AS recent,
      count(*) FILTER (WHERE s.recent AND s.refused) AS recent_refused,
      count(*) FILTER (WHERE NOT s.recent) AS before,
      count(*) FILTER (WHERE NOT s.recent AND s.refused) AS before_refused
    FROM said s JOIN organization o ON o.id = s.organization_id
    GROUP BY 1, 2 ORDER BY 2, 1
""")


class WatchRepository:
    """Reads what operators watch."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def audit_tail(self, most: int) -> tuple[AuditRow, ...]:
        """List what was done, the newest first."""
        query = select(audit).order_by(audit.c.at.desc(), audit.c.id.desc()).limit(most)
        return tuple(
            AuditRow(row.at, row.actor_kind, row.actor, row.action, row.subject, row.detail)
            for row in self._connection.execute(query)
        )

    def refusals(self) -> tuple[Refusals, ...]:
        """Count what each organization answered and refused, of late and before."""
        values = {"refusals": sorted(REFUSALS), "recent": RECENT, "before": BEFORE}
        rows = self._connection.execute(_REFUSALS, values)
        return tuple(
            Refusals(
                row.organization_id,
                row.name,
                row.recent,
                row.recent_refused,
                row.before,
                row.before_refused,
            )
            for row in rows
        )
