"""Reads what operators watch: the audit."""

from sqlalchemy import Connection, select

from models.db.crypto import Keyring
from models.db.tables.organizations import audit
from models.domain.school_lead import AuditRow


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
