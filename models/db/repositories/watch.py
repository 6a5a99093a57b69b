"""Reads what operators watch: deliveries in trouble, and the audit."""

from sqlalchemy import Connection, select, text

from models.db.crypto import Keyring
from models.db.tables.organizations import audit
from models.domain.delivery import DeliveryStatus, Purpose
from models.domain.school_lead import AuditRow, TroubledDelivery

# Settled without arriving, in doubt, or waiting for another try after one that failed.
_TROUBLED = text("""
    SELECT d.id, d.lead_id, o.name AS organization_name, t.name AS destination_name, d.purpose,
      d.status, d.attempts, d.settled_at, a.reason, a.code
    FROM delivery d
    JOIN destination t ON t.id = d.destination_id
    JOIN organization o ON o.id = t.organization_id
    LEFT JOIN LATERAL (SELECT reason, code FROM attempt WHERE delivery_id = d.id
                       ORDER BY n DESC LIMIT 1) a ON true
    WHERE d.status IN ('failed', 'expired', 'poison', 'in_doubt', 'rejected')
       OR (d.status = 'pending' AND d.attempts > 0)
    ORDER BY d.id DESC LIMIT :most
""")


class WatchRepository:
    """Reads what operators watch."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def troubled(self, most: int) -> tuple[TroubledDelivery, ...]:
        """List deliveries that did not arrive, the newest first."""
        return tuple(
            TroubledDelivery(
                id=row.id,
                lead_id=row.lead_id,
                organization_name=row.organization_name,
                destination_name=row.destination_name,
                purpose=Purpose(row.purpose),
                status=DeliveryStatus(row.status),
                attempts=row.attempts,
                settled_at=row.settled_at,
                reason=row.reason,
                code=row.code,
            )
            for row in self._connection.execute(_TROUBLED, {"most": most})
        )

    def audit_tail(self, most: int) -> tuple[AuditRow, ...]:
        """List what was done, the newest first."""
        query = select(audit).order_by(audit.c.at.desc(), audit.c.id.desc()).limit(most)
        return tuple(
            AuditRow(row.at, row.actor_kind, row.actor, row.action, row.subject, row.detail)
            for row in self._connection.execute(query)
        )
