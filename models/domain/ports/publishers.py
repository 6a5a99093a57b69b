"""Port: keeps publishers, and counts what came from their pages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.domain.publisher import Publisher, Traffic


class PublisherStore(Protocol):
    """Keeps publishers, and counts what came from their pages."""

    def add(self, name: str, site: str, now: datetime) -> Publisher:
        """Add a publisher.

        Args:
            name: as people call it.
            site: its origin, as ``read_site`` reads it.
            now: aware.

        Raises:
            ConflictError: when there is one of that site.
        """
        ...

    def all(self) -> tuple[Publisher, ...]:
        """Every publisher, oldest first."""
        ...

    def set_active(self, publisher_id: UUID, *, active: bool) -> None:
        """Show our form on its pages, or not.

        Raises:
            NotFoundError: when there is no such publisher.
        """
        ...

    def traffic(self, since: datetime, until: datetime) -> Sequence[Traffic]:
        """Count searches, requests and leads by page and form, most searches first.

        Simulated searches do not count; ``since`` is inside, ``until`` outside.
        """
        ...
