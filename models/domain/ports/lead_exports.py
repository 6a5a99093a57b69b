"""Port: keeps links to tables of leads until they are opened."""

from datetime import datetime
from typing import Protocol

from models.domain.lead_export import NewExport, TakenExport, Whose


class LeadExportStore(Protocol):
    """Keeps links to tables of leads until they are opened."""

    def add(self, new: NewExport) -> None:
        """Keep a new one; those that ended long ago are forgotten."""
        ...

    def take(self, token_hash: bytes, whose: Whose, now: datetime) -> TakenExport | None:
        """Open a link; None when it is not theirs, was opened before, or has ended."""
        ...

    def note_rows(self, token_hash: bytes, rows: int) -> None:
        """Note how many rows it gave."""
        ...
