"""Port: keeps mail to students and staff until it is sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from models.domain.delivery import DeliveryStatus
from models.domain.message import HeldMessage, NewMessage, NewStaffMessage, Receipt


class MessageStore(Protocol):
    """Keeps mail to students and staff until it is sent."""

    def add(self, new: NewMessage) -> None:
        """Keep a message, due at once."""
        ...

    def add_for_staff(self, new: NewStaffMessage) -> None:
        """Keep a message to somebody on the staff, due at once."""
        ...

    def unreceipted(self, most: int) -> Sequence[Receipt]:
        """Take requests of the last day that have no receipt yet, oldest first.

        They stay taken until the transaction ends, so that nobody else writes theirs. What waits
        for its student to confirm the address has none yet; what nobody took never has.
        """
        ...

    def sweep(self) -> None:
        """Return messages whose lease ran out; expire what is past its time."""
        ...

    def claim(self, most: int, lease: timedelta) -> list[HeldMessage]:
        """Lease due messages, count the attempt, and read anew whether they may be sent."""
        ...

    def finish(
        self, held: HeldMessage, status: DeliveryStatus, due_at: datetime | None = None
    ) -> None:
        """Write what an attempt came to; a stale token changes nothing.

        Args:
            held: what was tried.
            status: its next state; ``pending`` is tried again at ``due_at``.
            due_at: when, by the database's clock.
        """
        ...
