"""The ledger of deliveries and attempts.

Leases and due times use the database's clock alone, so that no worker's clock can break them.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from models.db.crypto import Keyring
from models.db.repositories import (
    batches,
    cap_places,
    delivery_listing,
    delivery_rows,
    destination_notes,
    feed_places,
    intake,
    replaying,
)
from models.db.repositories import delivery_sql as sql
from models.db.repositories.arrays import uuids
from models.db.repositories.contact_waits import contact_waits
from models.db.repositories.delivery_making import make_delivery
from models.db.repositories.delivery_opening import hold_claims
from models.db.repositories.lead_progress import read_progress
from models.db.repositories.mail_instead import mail_refused, mail_waiting
from models.domain.contact_budget import ContactBudget
from models.domain.delivery import (
    DELIVERY_LIFETIME,
    POISON_AFTER,
    QUARANTINED_AFTER,
    TERMINAL,
    TEST_LIFETIME,
    Attempt,
    Backlog,
    Breaker,
    ClaimedDelivery,
    DeliveryStatus,
    DeliverySummary,
    Purpose,
)
from models.domain.ids import new_id
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

_ARRIVED = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.UNCONFIRMED})
# A lead that has arrived, or still may, keeps its place.
_HOLDING = _ARRIVED | (frozenset(DeliveryStatus) - TERMINAL)


class DeliveryRepository:
    """The ledger of deliveries and attempts."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def create_test(self, destination_id: UUID, now: datetime) -> UUID:
        """Add a test delivery, without any lead, due at once and tried once."""
        return make_delivery(
            self._connection, None, destination_id, Purpose.TEST, TEST_LIFETIME, now
        )

    def of_lead(self, lead_id: UUID) -> LeadProgress:
        """Tell where a lead stands and how it came there."""
        return read_progress(self._connection, lead_id)

    def get(self, delivery_id: UUID) -> DeliverySummary:
        """Return one delivery.

        Raises:
            NotFoundError: when there is none.
        """
        return delivery_listing.read_one(self._connection, delivery_id)

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
        wanted = delivery_listing.Wanted(statuses, lead_id, destination_id, most, *between)
        return delivery_listing.read_list(self._connection, wanted)

    def attempts(self, delivery_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Attempt]]:
        """List each delivery's tries, the first one first; one that was not tried has none."""
        return delivery_listing.read_attempts(self._connection, delivery_ids)

    def backlog(self) -> Backlog:
        """Tell how far behind delivery is."""
        return delivery_listing.read_backlog(self._connection)

    def now(self) -> datetime:
        """Read the database's clock."""
        moment: datetime = self._connection.execute(sql.NOW).scalar_one()
        return moment

    def due(self, apart: Collection[str] = (), senders: int = 256) -> list[DueDestination]:
        """List destinations with something due and what room they have, longest waiting first.

        Args:
            apart: kinds that are left out: they are claimed as batches.
            senders: how many of what one drainer holds are being sent, at most.
        """
        values = {"alone": QUARANTINED_AFTER, "apart": list(apart), "senders": senders}
        rows = self._connection.execute(sql.DUE, values)
        return [DueDestination(row.id, row.room) for row in rows]

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
        self._connection.execute(sql.FORGETTABLE)
        rows = self._connection.execute(
            sql.CLAIM,
            {
                "destinations": list(shares),
                "shares": list(shares.values()),
                "lease": lease,
                "alone": QUARANTINED_AFTER,
                "free": max(shares.values(), default=0) if free is None else free,
            },
        )
        return [delivery_rows.claimed(row) for row in rows.all()]

    def claim_quarantined(self, lease: timedelta) -> list[ClaimedDelivery]:
        """Lease at most one delivery that is to be tried alone."""
        rows = self._connection.execute(
            sql.CLAIM_ALONE, {"lease": lease, "alone": QUARANTINED_AFTER}
        )
        return [delivery_rows.claimed(row) for row in rows]

    def claim_regardless(self, most: int, mails: int, lease: timedelta) -> list[ClaimedDelivery]:
        """Lease due tests, and mail to people of schools, whatever their destinations' state."""
        limits = {"lease": lease, "most": most, "mails": mails, "alone": QUARANTINED_AFTER}
        rows = self._connection.execute(sql.CLAIM_REGARDLESS, limits)
        return [delivery_rows.claimed(row) for row in rows]

    def claim_batch(
        self, windows: Mapping[str, BatchWindow], lease: timedelta
    ) -> list[ClaimedDelivery]:
        """Lease the members of one batch that is due, of the kinds that wait for each other."""
        return [
            delivery_rows.claimed(row) for row in batches.claim(self._connection, windows, lease)
        ]

    def freeze_batch(
        self, destination_id: UUID, members: Collection[UUID], body_hash: bytes
    ) -> Batch:
        """Return the batch of exactly these members and bytes; make it when there is none."""
        batch_id = new_id(self.now())
        return batches.freeze(self._connection, batch_id, destination_id, members, body_hash)

    def hold(self, claims: Sequence[ClaimedDelivery]) -> list[HeldDelivery]:
        """Open what was claimed, and read anew whether it may be sent."""
        return hold_claims(self._connection, self._keyring, claims)

    def begin(self, sends: Sequence[Send], lease: timedelta) -> dict[UUID, int]:
        """Freeze bodies, add attempt rows, renew leases; a stale token or lease gets none.

        Returns:
            The attempt's number for each delivery that may now be sent.
        """
        rows = self._connection.execute(
            sql.BEGIN, {**delivery_rows.beginning(sends), "lease": lease}
        )
        return {row[0]: row[1] for row in rows.all()}

    def finish(self, settlements: Sequence[Settlement]) -> list[UUID]:
        """Close attempts and move deliveries on; a stale token changes nothing but to delivered.

        What arrives by taking its place in a feed gets that place here, in the same transaction.

        Returns:
            Leads that had given their place under a cap back, arrived all the same, and found it
            taken: free of charge.
        """
        tried = [s for s in settlements if s.attempt is not None]
        if tried:
            self._connection.execute(sql.CLOSE_ATTEMPTS, delivery_rows.closing(tried))
        moved = self._connection.execute(sql.FINISH, delivery_rows.finishing(settlements)).all()
        arrived = [
            row.lead_id for row in moved if row.status in _ARRIVED and row.purpose == Purpose.LEAD
        ]
        over_cap = cap_places.arrive(self._connection, arrived)
        intake.stay(self._connection, arrived)
        self._give_back([row.id for row in moved if row.status not in _HOLDING])
        # Last: from here to the commit, others who want a place in the same feed wait.
        feeding = {s.claim.id: s.claim.destination_id for s in settlements if _feeds(s)}
        feed_places.give(
            self._connection,
            [(feeding[row.id], row.id) for row in moved if row.id in feeding],
        )
        return over_cap

    def note(self, notes: Sequence[DestinationNote], breaker: Breaker) -> None:
        """Slow, open or close destinations after what their attempts came to."""
        destination_notes.note(self._connection, notes, breaker)

    def contact_waits(
        self, claims: Sequence[ClaimedDelivery], budget: ContactBudget
    ) -> dict[UUID, timedelta]:
        """Tell which claimed deliveries must wait, and how long, by their students' budgets."""
        return contact_waits(self._connection, claims, budget)

    def release(self, claims: Sequence[ClaimedDelivery], wait: timedelta | None = None) -> None:
        """Give back what was claimed and never begun, as if it had not been claimed.

        Args:
            claims: those whose token is still the current one are given back.
            wait: how long to leave them alone; None makes them due as they were.
        """
        if claims:
            self._connection.execute(
                sql.RELEASE,
                {
                    "ids": uuids(c.id for c in claims),
                    "tokens": [c.lease_token for c in claims],
                    "wait": wait,
                },
            )

    def recall(self, begun: Sequence[tuple[ClaimedDelivery, int]]) -> None:
        """Give back what was begun, with its attempt's number, and never left."""
        if begun:
            self._connection.execute(sql.RECALL, delivery_rows.begun(begun))

    def sweep(self, most_attempts: int) -> Swept:
        """Return leases that ran out; expire what is past its time; mail what waits in vain."""
        limits = {"most": most_attempts, "poison": POISON_AFTER, "alone": QUARANTINED_AFTER}
        returned = self._connection.execute(sql.RETURN_LEASES, limits).scalars().all()
        expired = self._connection.execute(sql.EXPIRE).scalars().all()
        self._give_back([*returned, *expired])
        mail_waiting(self._connection)
        waiting = self._connection.execute(sql.ANY_ALONE, limits).scalar_one()
        regardless = self._connection.execute(sql.ANY_REGARDLESS, limits).scalar_one()
        return Swept(len(returned), len(expired), quarantined=waiting, regardless=regardless)

    def mail_refused(self, delivery_ids: Collection[UUID]) -> None:
        """Let changes be mailed that their destinations answered with being gone for good."""
        mail_refused(self._connection, delivery_ids)

    def replay(self, delivery_id: UUID) -> None:
        """Reopen a settled delivery as it was: same id, same bytes.

        Raises:
            NotFoundError: when there is none.
            TransitionError: when it is not settled.
            ConflictError: when no place is left, a newer one took its, or nothing leaves there now.
        """
        replaying.reopen(self._connection, delivery_id, DELIVERY_LIFETIME)

    def renew(self, delivery_id: UUID, now: datetime, *, by_mail: bool = False) -> UUID:
        """Put a delivery with an id of its own, rendered anew, in the place of a settled one.

        Raises:
            NotFoundError: when there is none.
            TransitionError: when it is not settled.
            ConflictError: when no place is left, a newer one took its, or nothing leaves there now.
        """
        new = new_id(now)
        place = (delivery_id, new)
        replaying.renew(self._connection, place, DELIVERY_LIFETIME, by_mail=by_mail)
        return new

    def _give_back(self, delivery_ids: Sequence[UUID]) -> None:
        """Ask who is next; release the places of leads that no delivery can bring any more."""
        if delivery_ids:
            intake.follow(self._connection, delivery_ids)
            rows = self._connection.execute(sql.LOST_LEADS, {"ids": list(delivery_ids)})
            cap_places.release(self._connection, rows.scalars().all())


def _feeds(settlement: Settlement) -> bool:
    return settlement.outcome.place_in_feed and settlement.status is DeliveryStatus.DELIVERED
