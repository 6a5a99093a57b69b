"""Port: reads what was put into feeds."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

from models.domain.feed import FeedEntry


class FeedStore(Protocol):
    """Reads what was put into feeds, in the order of its numbers."""

    def heads(self, organization_id: UUID) -> Mapping[UUID, int]:
        """Return the last number given in each of an organization's destinations."""
        ...

    def after(self, places: Mapping[UUID, int], most: int) -> list[FeedEntry]:
        """Return what comes after a number in each destination, in order within each.

        Everything up to the last number returned has been returned, now or before: no number that
        is not there yet will ever be one below it.
        """
        ...
