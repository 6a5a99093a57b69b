"""Port: reads what schools may return, and what they did."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.domain.returns import MonthReturns, ReturnMade, ReturnTerms


class ReturnStore(Protocol):
    """Reads what an organization may return, and what it did."""

    def terms(self, organization_id: UUID, lead_id: UUID) -> ReturnTerms | None:
        """Tell under which terms a lead can be taken back; None: nothing is charged for it."""
        ...

    def months(self, organization_id: UUID, oldest: str) -> tuple[MonthReturns, ...]:
        """List campaigns by month, from a month such as ``2026-09`` on, newest first."""
        ...

    def made(self, organization_id: UUID, since: datetime, most: int) -> tuple[ReturnMade, ...]:
        """List returns of the leads asked for since a moment, newest first."""
        ...
