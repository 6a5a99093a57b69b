"""Port: the log of this installation as text, to be written to files."""

from collections.abc import Iterator, Sequence
from typing import Protocol
from uuid import UUID

from models.domain.log_form import LogWindow


class WrittenLog(Protocol):
    """Yields the tables of ``models.domain.log_form`` as CSV: no header, a row a block, sorted.

    Moments are written with their zone; codes as ``[1, 2]``; what is null is an empty field
    without quotes. A person is never read. Nothing is held as a whole.
    """

    def stand_still(self) -> None:
        """See one moment of the log from here on; the first call of its unit of work.

        It may then read for as long as it takes.
        """
        ...

    def listings(self, window: LogWindow) -> Iterator[bytes]:
        """Yield what stood on pages, by slate and position."""
        ...

    def events(self, window: LogWindow) -> Iterator[bytes]:
        """Yield what happened to it, by slate, position and kind: each kind once, the first time.

        Requests, deliveries and what schools said of real students come from where they live; of
        simulated ones from events.
        """
        ...

    def served(self, slate_ids: Sequence[UUID]) -> list[UUID]:
        """Tell which of some slates were served here."""
        ...
