"""Port: keeps searches, slates and the pages served."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.domain.matching import Slate
from models.domain.past_search import PastSearch
from models.domain.slates import PageRecord, ServedEvent


class SlateStore(Protocol):
    """Keeps searches, slates and the pages served; writing the same twice changes nothing."""

    def add(self, served: Sequence[tuple[Slate, PageRecord]]) -> None:
        """Keep pages as served, with their slates and searches."""
        ...

    def get(self, slate_id: UUID) -> Slate | None:
        """Return a slate that was served."""
        ...

    def pages(self, slate_id: UUID) -> tuple[PageRecord, ...]:
        """Return the pages of a slate that were served, in order."""
        ...

    def newest(self, since: datetime, most: int) -> tuple[PastSearch, ...]:
        """Return the newest searches after a moment, at most so many, with what they showed."""
        ...

    def add_events(self, slate_id: UUID, events: Sequence[ServedEvent], now: datetime) -> None:
        """Keep what a visitor did with a slate."""
        ...
