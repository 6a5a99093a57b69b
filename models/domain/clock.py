"""Time is an input: everything that needs it takes a clock."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; tests pass one that stands still."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that may ask the machine


class FixedClock:
    """A clock that stands where it was put, for tests and replays."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the moment the clock was put at."""
        return self.at
