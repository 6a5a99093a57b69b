"""Who is sending where in this process: free senders, shared fairly among destinations.

A destination starts with a window of two deliveries at a time, gains one with each that succeeds
and falls back to one when it fails, so that one that never answers can hold few senders.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from models.domain.sending import DueDestination

_FIRST_WINDOW = 2
# How many of the last times an average goes back over.
_REMEMBERED = 8


class Floor:
    """Counts what is in flight; safe between threads."""

    def __init__(self, senders: int) -> None:
        self._senders = senders
        self._flying: Counter[UUID] = Counter()
        self._unwritten: Counter[UUID] = Counter()
        self._windows: dict[UUID, int] = {}
        self._flight_seconds = 0.0
        self._longer_flying = 0
        self._changed = threading.Condition()

    def wait_free(self, seconds: float) -> int:
        """Return how many senders are free, waiting for one at most that long."""
        with self._changed:
            self._changed.wait_for(lambda: self._flying.total() < self._senders, seconds)
            return self._senders - self._flying.total()

    def gather(self, claim_seconds: float) -> int:
        """Wait a little for more senders when that is quicker than claiming; return those free.

        A claim costs the same for one delivery as for eight: where receivers answer sooner than a
        claim takes, it pays to wait for those that left last. Slower ones are never waited for,
        nor those that were in flight before: a destination that never answers may hold them.
        """
        with self._changed:
            if self._flight_seconds < claim_seconds:
                self._changed.wait_for(
                    lambda: self._flying.total() <= self._longer_flying, 2 * self._flight_seconds
                )
            return self._senders - self._flying.total()

    def shares(self, due: Sequence[DueDestination], free: int) -> dict[UUID, int]:
        """Deal free senders out to destinations, one each in turn, within room and window.

        What was answered and is not written down yet takes no room at its destination any more.
        """
        with self._changed:
            left = {
                d.id: min(d.room + self._unwritten[d.id], self._window(d.id) - self._flying[d.id])
                for d in due
            }
        dealt: Counter[UUID] = Counter()
        while free > 0 and any(room > 0 for room in left.values()):
            for destination_id in [d for d, room in left.items() if room > 0][:free]:
                dealt[destination_id] += 1
                left[destination_id] -= 1
                free -= 1
        return dict(dealt)

    def take_off(self, *destination_ids: UUID) -> None:
        """Note that deliveries are handed to senders, together."""
        with self._changed:
            self._longer_flying = self._flying.total()
            self._flying.update(destination_ids)

    def land(self, destination_id: UUID, *, failed: bool, seconds: float = 0.0) -> None:
        """Note that a sender is free again, and how the destination did."""
        with self._changed:
            _less(self._flying, destination_id)
            self._flight_seconds += (seconds - self._flight_seconds) / _REMEMBERED
            self._unwritten[destination_id] += 1
            grown = min(self._window(destination_id) + 1, self._senders)
            self._windows[destination_id] = 1 if failed else grown
            self._changed.notify_all()

    def written(self, destination_ids: Iterable[UUID]) -> None:
        """Note that what landed is about to be written down: the ledger's room will count it."""
        with self._changed:
            for destination_id in destination_ids:
                _less(self._unwritten, destination_id)

    def _window(self, destination_id: UUID) -> int:
        return self._windows.get(destination_id, min(_FIRST_WINDOW, self._senders))


def _less(counts: Counter[UUID], destination_id: UUID) -> None:
    counts[destination_id] -= 1
    if counts[destination_id] <= 0:
        del counts[destination_id]
