"""Port: reads what came of what the champion served, and keeps what was found."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Protocol

from models.domain.watch import RankerWatch, ServedListing, TrafficDay


class RankerWatchStore(Protocol):
    """Reads what came of what the champion served, and keeps what was found."""

    def served(
        self, version: str, since: datetime, most: int, *, newest: bool
    ) -> Iterator[ServedListing]:
        """Yield listings on screens of slates that a ranker drew since a moment.

        Args:
            version: the ranker.
            since: leave out slates before.
            most: how many slates at most.
            newest: whether of the newest slates, else of the first ones.
        """
        ...

    def steering(self, version: str, since: datetime) -> tuple[int, float]:
        """Count the slates that a ranker drew since a moment; give their mean steering index."""
        ...

    def keep(self, watch: RankerWatch) -> None:
        """Keep what was found, in the place of what was found before."""
        ...

    def latest(self, version: str) -> RankerWatch | None:
        """Return what was found of a ranker last; None when nobody has looked."""
        ...

    def count_day(self, day: date, now: datetime) -> None:
        """Count a day's traffic, in the place of what was counted before."""
        ...

    def days(self, since: date) -> tuple[TrafficDay, ...]:
        """List the days counted, the oldest first."""
        ...
