"""Port: reads what needs an organization's staff today."""

from typing import Protocol
from uuid import UUID

from models.domain.today import TroubledDestination


class SchoolTodayStore(Protocol):
    """Reads what needs an organization's staff today."""

    def troubled(self, organization_id: UUID) -> tuple[TroubledDestination, ...]:
        """List destinations that take no leads, or whose system does not answer."""
        ...
