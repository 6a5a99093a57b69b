"""Who is sending where in this process: free senders, shared fairly among destinations.

A destination starts with a window of a quarter of the senders, two at most, gains one with each
delivery that succeeds and falls back to one when it fails, so that one that never answers can hold
few senders.

To claim costs the same for one delivery as for fifty. So where a destination's window is fully
open, it has room for all senders, and they leave quickly, some more are claimed than senders are
free: they wait for a sender for milliseconds, and no sender waits for the database.
"""

import math
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from models.domain.delivery import ClaimedDelivery
from models.domain.sending import DueDestination

# Where all mail to people of schools is in flight: it touches none of their destinations.
MAIL = UUID(int=0)
# How many of the last times an average goes back over.
_REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class Ahead:
    """How many deliveries may wait for a sender, and how long at most at their receiver's pace."""

    most: int = 0
    seconds: float = 0.125


def place_of(claim: ClaimedDelivery) -> UUID:
    """Name where a delivery takes room: at its destination, or among the mail."""
    return MAIL if claim.by_mail else claim.destination_id


class Floor:
    """Counts what is in flight and what waits to be; safe between threads."""

    def __init__(self, senders: int, ahead: Ahead | None = None) -> None:
        self._senders = senders
        self._ahead = ahead or Ahead()
        self._flying: Counter[UUID] = Counter()
        self._aloft = 0
        self._unwritten: Counter[UUID] = Counter()
        self._windows: dict[UUID, int] = {}
        self._seconds: dict[UUID, float] = {}
        self._failed_at: dict[UUID, float] = {}
        self._flight_seconds = 0.0
        self._longer_flying = 0
        # Only the claimer waits; landing wakes it when there are that few.
        self._wanted = -1
        self._changed = threading.Condition()

    def wait_free(self, seconds: float) -> int:
        """Return how many may be claimed, waiting for one at most that long.

        Where some are claimed ahead, half of those must have left: claims are worth their cost.
        """
        with self._changed:
            self._wait_for(self._senders - 1 + self._may_wait() // 2, seconds)
            return self._free()

    def idle(self) -> int:
        """Return how many senders have nothing to send."""
        with self._changed:
            return max(self._senders - self._aloft, 0)

    def mail_places(self) -> int:
        """Return how many more mails to people of schools may leave: a quarter of the senders.

        One relay carries them all: where it hangs, the others go on sending.
        """
        with self._changed:
            return max(max(self._senders // 4, 1) - self._flying[MAIL], 0)

    def gather(self, claim_seconds: float) -> int:
        """Wait a little for more senders when that is quicker than claiming; return those free.

        A claim costs the same for one delivery as for eight: where receivers answer sooner than a
        claim takes, it pays to wait for those that left last. Slower ones are never waited for,
        nor those that were in flight before: a destination that never answers may hold them.
        """
        with self._changed:
            if not self._may_wait() and self._flight_seconds < claim_seconds:
                self._wait_for(self._longer_flying, 2 * self._flight_seconds)
            return self._free()

    def shares(self, due: Sequence[DueDestination], free: int) -> dict[UUID, int]:
        """Deal free senders out to destinations, one each in turn, within room and window.

        What was answered and is not written down yet takes no room at its destination any more;
        nor does what waits for a sender.
        What is not quick gets no more than there are senders: it must not wait for one.
        """
        with self._changed:
            left = {d.id: self._left(d) for d in due}
            slow = {d.id for d in due if not self._ahead_of(d.id)}
            places = self._senders - self._slow_flying()
        dealt: Counter[UUID] = Counter()
        while free > 0 and any(room > 0 for room in left.values()):
            for destination_id in [d for d, room in left.items() if room > 0][:free]:
                if destination_id in slow:
                    if places <= 0:
                        left[destination_id] = 0
                        continue
                    places -= 1
                dealt[destination_id] += 1
                left[destination_id] -= 1
                free -= 1
        return dict(dealt)

    def take_off(self, *destination_ids: UUID) -> None:
        """Note that deliveries are handed to senders, together."""
        with self._changed:
            self._longer_flying = self._aloft
            self._aloft += len(destination_ids)
            self._flying.update(destination_ids)

    def turned(self, destination_id: UUID) -> bool:
        """Tell whether a destination failed since this was claimed, and others wait as well.

        Those go back: senders are for other destinations now.
        """
        with self._changed:
            waits = self._flying[destination_id] > self._senders
            return waits and self._window(destination_id) < self._senders

    def land(
        self,
        destination_id: UUID,
        *,
        failed: bool | None,
        seconds: float = 0.0,
        started: float | None = None,
    ) -> None:
        """Note that a sender is free again, and how the destination did; None: it was not tried.

        What had started before a destination failed says nothing of it since: the window that
        closed stays closed.
        """
        with self._changed:
            _less(self._flying, destination_id)
            self._aloft -= 1
            self._unwritten[destination_id] += 1
            if failed is not None:
                self._flight_seconds += (seconds - self._flight_seconds) / _REMEMBERED
                before = self._seconds.get(destination_id, seconds)
                self._seconds[destination_id] = before + (seconds - before) / _REMEMBERED
                self._windows[destination_id] = self._grown(destination_id, started, failed=failed)
                if failed and started is not None:
                    self._failed_at[destination_id] = started + seconds
            if self._aloft <= self._wanted:
                self._changed.notify_all()

    def written(self, destination_ids: Iterable[UUID]) -> None:
        """Note that what landed is about to be written down: the ledger's room will count it."""
        with self._changed:
            for destination_id in destination_ids:
                _less(self._unwritten, destination_id)

    def _free(self) -> int:
        return max(self._senders + self._may_wait() - self._aloft, 0)

    def _wait_for(self, most: int, seconds: float) -> None:
        self._wanted = most
        self._changed.wait_for(lambda: self._aloft <= most, seconds)
        self._wanted = -1

    def _left(self, due: DueDestination) -> int:
        """How many more a destination may be dealt; its own limit holds for what is being sent."""
        flying, window = self._flying[due.id], self._window(due.id)
        # What the ledger counts of ours is not in our own way.
        room = due.room + min(flying + self._unwritten[due.id], self._senders)
        if window == self._senders and room >= self._senders:
            return self._senders + self._ahead_of(due.id) - flying
        return min(room, window) - flying

    def _may_wait(self) -> int:
        """How many may wait for a sender now: none while slow destinations hold half of them."""
        if 2 * self._slow_flying() > self._senders:
            return 0
        return max(map(self._ahead_of, self._flying), default=0)

    def _ahead_of(self, destination_id: UUID) -> int:
        seconds = self._seconds.get(destination_id)
        if seconds is None or self._window(destination_id) < self._senders:
            return 0
        if seconds * self._ahead.most <= self._senders * self._ahead.seconds:
            return self._ahead.most
        return int(self._senders * self._ahead.seconds / seconds)

    def _slow_flying(self) -> int:
        return sum(n for d, n in self._flying.items() if not self._ahead_of(d))

    def _grown(self, destination_id: UUID, started: float | None, *, failed: bool) -> int:
        window = self._window(destination_id)
        if failed:
            return 1
        late = started is not None and started < self._failed_at.get(destination_id, -math.inf)
        return window if late else min(window + 1, self._senders)

    def _window(self, destination_id: UUID) -> int:
        return self._windows.get(destination_id, 2 if self._senders >= 8 else 1)


def _less(counts: Counter[UUID], destination_id: UUID) -> None:
    counts[destination_id] -= 1
    if counts[destination_id] <= 0:
        del counts[destination_id]
