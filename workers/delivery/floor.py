"""Who is sending where in this process: free senders, shared fairly among destinations.

A destination starts with a window of two deliveries at a time, gains one with each that succeeds
and falls back to one when it fails, so that one that never answers can hold few senders.
"""

import threading
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from models.domain.sending import DueDestination

_FIRST_WINDOW = 2


class Floor:
    """Counts what is in flight; safe between threads."""

    def __init__(self, senders: int) -> None:
        self._senders = senders
        self._flying: Counter[UUID] = Counter()
        self._windows: dict[UUID, int] = {}
        self._changed = threading.Condition()

    def wait_free(self, seconds: float) -> int:
        """Return how many senders are free, waiting for one at most that long."""
        with self._changed:
            self._changed.wait_for(lambda: self._flying.total() < self._senders, seconds)
            return self._senders - self._flying.total()

    def idle(self) -> bool:
        """Tell whether nothing is in flight."""
        with self._changed:
            return self._flying.total() == 0

    def shares(self, due: Sequence[DueDestination], free: int) -> dict[UUID, int]:
        """Deal free senders out to destinations, one each in turn, within room and window."""
        with self._changed:
            left = {d.id: min(d.room, self._window(d.id) - self._flying[d.id]) for d in due}
        dealt: Counter[UUID] = Counter()
        while free > 0 and any(room > 0 for room in left.values()):
            for destination_id in [d for d, room in left.items() if room > 0][:free]:
                dealt[destination_id] += 1
                left[destination_id] -= 1
                free -= 1
        return dict(dealt)

    def take_off(self, destination_id: UUID) -> None:
        """Note that a delivery is handed to a sender."""
        with self._changed:
            self._flying[destination_id] += 1

    def land(self, destination_id: UUID, *, failed: bool) -> None:
        """Note that a sender is free again, and how the destination did."""
        with self._changed:
            self._flying[destination_id] -= 1
            if self._flying[destination_id] <= 0:
                del self._flying[destination_id]
            grown = min(self._window(destination_id) + 1, self._senders)
            self._windows[destination_id] = 1 if failed else grown
            self._changed.notify_all()

    def _window(self, destination_id: UUID) -> int:
        return self._windows.get(destination_id, min(_FIRST_WINDOW, self._senders))
