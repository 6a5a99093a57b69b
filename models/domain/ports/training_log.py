"""Port: reads what was served and what came of it, for training."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from models.domain.training_log import LoggedEvent, LoggedPage


class TrainingLog(Protocol):
    """Reads what was served and what came of it, in an order that the log alone decides."""

    def pages(self, since: datetime | None, *, real_only: bool = False) -> Iterator[LoggedPage]:
        """Yield pages served since a moment, by slate and page."""
        ...

    def events(self, since: datetime | None, *, real_only: bool = False) -> Iterator[LoggedEvent]:
        """Yield what happened to those pages: events, requests and acceptances, each once.

        Requests and acceptances of real students come from requests and dispositions; of
        simulated ones from events. A person is never read.
        """
        ...
