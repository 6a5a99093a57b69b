"""Port: keeps what organizations owe."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.domain.statement import Discrepancy, MonthOwed, Statement


class StatementStore(Protocol):
    """Keeps what organizations owe."""

    def of_month(self, organization_id: UUID, month: str) -> tuple[Statement, ...]:
        """Read an organization's statement of a month, one for each currency that it has."""
        ...

    def months(self, organization_id: UUID) -> tuple[MonthOwed, ...]:
        """List an organization's months with charges, the newest first."""
        ...

    def adjust(
        self, organization_id: UUID, amount: tuple[int, str], note: str, *, by: str, now: datetime
    ) -> str:
        """Add a line that is about no lead: an amount in minor units and its currency.

        Returns:
            The month that it stands in: the oldest that is still open.
        """
        ...

    def issue(self, now: datetime) -> int:
        """Issue what is due: statements of all months that are over for good; return how many."""
        ...

    def discrepancies(self, organization_id: UUID | None = None) -> Sequence[Discrepancy]:
        """List leads whose charges differ from what their places say is owed: none, ever."""
        ...
