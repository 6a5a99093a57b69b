"""Reads what needs an organization's staff today."""

from uuid import UUID

from sqlalchemy import Connection, text

from models.domain.today import Trouble, TroubledDestination

# failing_since stands while tries fail and goes with the first that does not.
_TROUBLED = text("""
    SELECT * FROM (
      SELECT d.id, d.name, st.failing_since AS since,
        CASE WHEN d.status = 'disabled' THEN CAST(:switched_off AS text)
             WHEN d.tested_at IS NULL THEN :untested
             WHEN d.status = 'paused' THEN :paused
             WHEN st.failing_since IS NOT NULL THEN :failing END AS trouble
      FROM destination d LEFT JOIN destination_state st ON st.destination_id = d.id
      WHERE d.organization_id = :organization AND d.status <> 'removed') found
    WHERE trouble IS NOT NULL ORDER BY name, id
""")


class SchoolTodayRepository:
    """Reads what needs an organization's staff today."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def troubled(self, organization_id: UUID) -> tuple[TroubledDestination, ...]:
        """List destinations that take no leads, or whose system does not answer."""
        values = {name.value: name.value for name in Trouble}
        rows = self._connection.execute(_TROUBLED, {**values, "organization": organization_id})
        return tuple(
            TroubledDestination(
                row.id,
                row.name,
                Trouble(row.trouble),
                row.since if row.trouble == Trouble.FAILING else None,
            )
            for row in rows
        )
