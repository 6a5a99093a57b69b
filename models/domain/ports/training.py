"""Ports: keeps training runs, and lets one at a time train."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol
from uuid import UUID

from models.domain.training import TrainingRun

# Enters with whether nobody else trains, on any machine; who dies inside leaves the way free.
Alone = Callable[[], AbstractContextManager[bool]]


class TrainingRunStore(Protocol):
    """Keeps training runs."""

    def ask(self, run: TrainingRun) -> None:
        """Keep a new run that waits.

        Raises:
            OpenRunError: when one is open.
        """
        ...

    def get(self, run_id: UUID) -> TrainingRun:
        """Return a run.

        Raises:
            NotFoundError: when there is none.
        """
        ...

    def open(self) -> TrainingRun | None:
        """Return the run that waits or runs, None when none does."""
        ...

    def listed(self, most: int) -> tuple[TrainingRun, ...]:
        """List runs, the newest first."""
        ...

    def last_done(self) -> TrainingRun | None:
        """Return the newest run that a ranker came of."""
        ...

    def save(self, before: TrainingRun, after: TrainingRun) -> None:
        """Write what became of a run; whether it shall be cancelled is not written.

        Raises:
            TransitionError: when it is in another state or attempt than ``before`` by now.
        """
        ...

    def ask_to_cancel(self, run_id: UUID) -> None:
        """Let whoever trains know that the run shall end."""
        ...
