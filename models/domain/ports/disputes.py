"""Port: everything kept of one lead."""

from typing import Protocol
from uuid import UUID

from models.domain.dispute import Disputed


class DisputeStore(Protocol):
    """Gathers what a dispute over a lead needs."""

    def gather(self, lead_id: UUID) -> Disputed:
        """Read everything kept of a lead.

        Raises:
            NotFoundError: when there is no such lead.
        """
        ...
