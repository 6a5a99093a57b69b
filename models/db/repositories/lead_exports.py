"""Keeps links to tables of leads until they are opened."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from models.db.repositories import arrays
from models.domain.lead_export import NewExport, TakenExport, Whose

_KEPT = timedelta(days=30)
_ADD = text("""
    INSERT INTO lead_export (token_hash, organization_id, staff_id, filters, created_at, expires_at)
    VALUES (:hash, :organization, :staff, CAST(:filters AS jsonb), :now, :until)
""")
_FORGET = text(
    "DELETE FROM lead_export WHERE organization_id = :organization AND expires_at < :before"
)
# One row changes, or none: two who open the same link do not both get it.
_TAKE = text("""
    UPDATE lead_export SET used_at = :now
    WHERE token_hash = :hash AND organization_id = :organization AND staff_id = :staff
      AND used_at IS NULL AND expires_at > :now
    RETURNING filters, created_at
""")
_ROWS = text("UPDATE lead_export SET rows = :rows WHERE token_hash = :hash")


class LeadExportRepository:
    """Keeps links to tables of leads until they are opened."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewExport) -> None:
        """Keep a new one; those that ended long ago are forgotten."""
        organization_id, staff_id = new.whose
        self._connection.execute(
            _FORGET, {"organization": organization_id, "before": new.created_at - _KEPT}
        )
        self._connection.execute(
            _ADD,
            {
                "hash": new.token_hash,
                "organization": organization_id,
                "staff": staff_id,
                "filters": arrays.document(dict(new.filters)),
                "now": new.created_at,
                "until": new.expires_at,
            },
        )

    def take(self, token_hash: bytes, whose: Whose, now: datetime) -> TakenExport | None:
        """Open a link; None when it is not theirs, was opened before, or has ended."""
        values = {
            "hash": token_hash,
            "organization": whose.organization_id,
            "staff": whose.staff_id,
            "now": now,
        }
        row = self._connection.execute(_TAKE, values).one_or_none()
        return None if row is None else TakenExport(row.filters, row.created_at)

    def note_rows(self, token_hash: bytes, rows: int) -> None:
        """Note how many rows it gave."""
        self._connection.execute(_ROWS, {"hash": token_hash, "rows": rows})
