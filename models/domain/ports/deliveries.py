"""Port: the ledger of deliveries and attempts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from models.domain.contact_budget import ContactBudget
from models.domain.delivery import (
    Attempt,
    Backlog,
    Breaker,
    ClaimedDelivery,
    DeliveryStatus,
    DeliverySummary,
)
from models.domain.lead import LeadProgress
from models.domain.sending import (
    Batch,
    BatchWindow,
    DestinationNote,
    DueDestination,
    HeldDelivery,
    Send,
    Settlement,
    Swept,
)


class DeliveryStore(Protocol):
    """The ledger of deliveries and attempts.

    Leases and due times are kept by the store's own clock, the same for every worker.
    """

    def create_test(self, destination_id: UUID, now: datetime) -> UUID:
        """Add a test delivery, without any lead, due at once and tried once."""
        ...

    def of_lead(self, lead_id: UUID) -> LeadProgress:
        """Tell where a lead stands and how it came there."""
        ...

    def get(self, delivery_id: UUID) -> DeliverySummary:
        """Return one delivery.

        Raises:
            NotFoundError: when there is none.
        """
        ...

    def listed(
        self,
        statuses: Collection[DeliveryStatus],
        lead_id: UUID | None,
        destination_id: UUID | None,
        most: int,
        between: tuple[datetime | None, datetime | None] = (None, None),
    ) -> list[DeliverySummary]:
        """List deliveries, the newest first; no statuses means all of them.

        ``between`` is when they were made: from the first moment, until before the second.
        """
        ...

    def attempts(self, delivery_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Attempt]]:
        """List each delivery's tries, the first one first; one that was not tried has none."""
        ...

    def backlog(self) -> Backlog:
        """Tell how far behind delivery is."""
        ...

    def now(self) -> datetime:
        """Read the store's clock."""
        ...

    def due(self, apart: Collection[str] = (), senders: int = 256) -> list[DueDestination]:
        """List destinations with something due and what room they have, longest waiting first.

        Those of kinds ``apart`` are left out: they are claimed as batches. Of what one drainer
        holds, no more than it has ``senders`` is being sent.
        """
        ...

    def claim(
        self, shares: Mapping[UUID, int], lease: timedelta, free: int | None = None
    ) -> list[ClaimedDelivery]:
        """Lease up to that many due deliveries of each destination.

        Args:
            shares: how many, by destination.
            lease: how long they are held.
            free: how many senders are free now; of a larger share, the rest is leased only while
                others that send there hold no less. None: all are.
        """
        ...

    def claim_quarantined(self, lease: timedelta) -> list[ClaimedDelivery]:
        """Lease at most one delivery that is to be tried alone."""
        ...

    def claim_regardless(self, most: int, mails: int, lease: timedelta) -> list[ClaimedDelivery]:
        """Lease due tests, and mail to people of schools, whatever their destinations' state.

        Args:
            most: how many in all.
            mails: how many of these may be mail.
            lease: how long they are held.
        """
        ...

    def claim_batch(
        self, windows: Mapping[str, BatchWindow], lease: timedelta
    ) -> list[ClaimedDelivery]:
        """Lease the members of one batch that is due, of the kinds that wait for each other.

        A batch that was frozen before is leased again whole, or not at all.
        """
        ...

    def freeze_batch(
        self, destination_id: UUID, members: Collection[UUID], body_hash: bytes
    ) -> Batch:
        """Return the batch of exactly these members and bytes; make it when there is none."""
        ...

    def hold(self, claims: Sequence[ClaimedDelivery]) -> list[HeldDelivery]:
        """Open what was claimed, and read anew whether it may be sent."""
        ...

    def begin(self, sends: Sequence[Send], lease: timedelta) -> dict[UUID, int]:
        """Freeze bodies, add attempt rows, renew leases; a stale token or lease gets none.

        Returns:
            The attempt's number for each delivery that may now be sent.
        """
        ...

    def finish(self, settlements: Sequence[Settlement]) -> list[UUID]:
        """Close attempts and move deliveries on; a stale token changes nothing but to delivered.

        What arrives by taking its place in a feed gets that place here, in the same transaction.

        Returns:
            Leads that had given their place under a cap back, arrived all the same, and found it
            taken: free of charge.
        """
        ...

    def note(self, notes: Sequence[DestinationNote], breaker: Breaker) -> None:
        """Slow, open or close destinations after what their attempts came to."""
        ...

    def recall(self, begun: Sequence[tuple[ClaimedDelivery, int]]) -> None:
        """Give back what was begun, with its attempt's number, and never left.

        Afterwards it is as if it had not been claimed; a stale token changes nothing.
        """
        ...

    def contact_waits(
        self, claims: Sequence[ClaimedDelivery], budget: ContactBudget
    ) -> dict[UUID, timedelta]:
        """Tell which claimed deliveries must wait, and how long, by their students' budgets."""
        ...

    def release(self, claims: Sequence[ClaimedDelivery], wait: timedelta | None = None) -> None:
        """Give back what was claimed and never begun, as if it had not been claimed.

        Args:
            claims: those whose token is still the current one are given back.
            wait: how long to leave them alone; None makes them due as they were.
        """
        ...

    def sweep(self, most_attempts: int) -> Swept:
        """Return leases that ran out; expire what is past its time; mail what waits in vain.

        A change that waits for a destination that is not active is told to people by e-mail.
        """
        ...

    def mail_refused(self, delivery_ids: Collection[UUID]) -> None:
        """Let changes be mailed that their destinations answered with being gone for good."""
        ...

    def replay(self, delivery_id: UUID) -> None:
        """Reopen a settled delivery as it was: same id, same bytes.

        Raises:
            NotFoundError: when there is none.
            TransitionError: when it is not settled.
            ConflictError: when no place is left, a newer one took its, or nothing leaves there now.
        """
        ...

    def renew(self, delivery_id: UUID, now: datetime, *, by_mail: bool = False) -> UUID:
        """Put a delivery with an id of its own, rendered anew, in the place of a settled one.

        ``by_mail``: people of the school are told it by e-mail.

        Raises:
            NotFoundError: when there is none.
            TransitionError: when it is not settled.
            ConflictError: when no place is left, a newer one took its, or nothing leaves there now.
        """
        ...
