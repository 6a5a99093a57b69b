"""Keeps requests, leads, consents and the places they hold under caps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select, update

from models.db.crypto import Keyring
from models.db.repositories import confirmations, intake
from models.db.repositories.acceptance import Acceptance
from models.db.repositories.capacity import Capacity, Placement
from models.db.repositories.request_rows import (
    Taken,
    confirm_by,
    contact_indexes,
    delivery_rows,
)
from models.db.tables.requests import lead, lead_listing, request
from models.domain.errors import ConflictError
from models.domain.intake import Way
from models.domain.matching import NotTakenReason
from models.domain.request import (
    AcceptedLead,
    AcceptedRequest,
    KeptLead,
    KeptRequest,
    NewLead,
    NewRequest,
    NotTaken,
)
from models.domain.verification import Confirmation

_NotTaken = Sequence[NotTaken]


class RequestRepository:
    """Keeps requests, leads, consents and the places they hold under caps."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def find_accepted(self, source: str, idempotency_key: str) -> AcceptedRequest | None:
        """Return what an earlier submission with that key came to."""
        row = self._connection.execute(
            select(
                request.c.id, request.c.created_at, request.c.body_hash, request.c.not_taken
            ).where(request.c.source == source, request.c.idempotency_key == idempotency_key)
        ).one_or_none()
        if row is None:
            return None
        leads = tuple(
            AcceptedLead(each.id, each.unitid, confirm_by=each.confirm_by)
            for each in self._leads(row.id)
        )
        return AcceptedRequest(
            row.id, row.created_at, row.body_hash, leads, _read_not_taken(row.not_taken)
        )

    def accept(self, new: NewRequest, ways: Mapping[int, Way]) -> AcceptedRequest:
        """Keep a submission: places under caps, request, leads, listings, consents, deliveries.

        Raises:
            ConflictError: when its key was used meanwhile; roll back and read that one.
        """
        taken, not_taken = self._reserve(new, ways)
        statement = Acceptance(self._keyring, new).weighed(
            taken, not_taken, delivery_rows(taken, ways, new.created_at)
        )
        if not self._connection.exec_driver_sql(*statement).scalar_one():
            raise ConflictError("this Idempotency-Key was used meanwhile")
        leads = tuple(
            AcceptedLead(each.id, each.unitid, confirm_by=confirm_by(new, placement))
            for each, placement in taken
        )
        return AcceptedRequest(new.id, new.created_at, new.body_hash, leads, tuple(not_taken))

    def route(self, lead_id: UUID, then: Sequence[UUID]) -> None:
        """Keep where an exclusive lead goes next while nobody accepts it."""
        self._connection.execute(
            update(lead).where(lead.c.id == lead_id).values(route=[one.hex for one in then])
        )

    def await_confirmation(self, request_id: UUID) -> None:
        """Let deliveries wait whose leads must be confirmed; inside acceptance."""
        confirmations.hold(self._connection, request_id)

    def await_again(self, request_id: UUID, until: datetime) -> bool:
        """Let leads wait anew that need a confirmed address; inside a correction of it."""
        return confirmations.hold_again(self._connection, request_id, until)

    def confirmation(self, request_id: UUID) -> Confirmation:
        """Tell where a request's confirmation stands."""
        return confirmations.read_confirmation(self._connection, request_id)

    def confirm(self, request_id: UUID, address: bytes, now: datetime) -> Confirmation:
        """Note that the e-mail address is the student's, and let go what waited for it."""
        return confirmations.confirm(self._connection, request_id, address, now)

    def get(self, request_id: UUID) -> KeptRequest | None:
        """Return a request as its student may see it, without personal data."""
        row = self._connection.execute(
            select(
                request.c.created_at, request.c.locale, request.c.not_taken, request.c.slate
            ).where(request.c.id == request_id)
        ).one_or_none()
        if row is None:
            return None
        names = {each["school"]["unitid"]: each["school"]["name"] for each in row.slate["listings"]}
        leads = tuple(
            KeptLead(each.id, each.unitid, names[each.unitid], each.created_at)
            for each in self._leads(request_id)
        )
        return KeptRequest(
            request_id,
            row.created_at,
            row.locale,
            leads,
            _read_not_taken(row.not_taken),
            names,
        )

    def _leads(self, request_id: UUID) -> Sequence[Any]:
        """Read a request's leads, in order of their best position on the slate."""
        best = func.min(lead_listing.c.position)
        return self._connection.execute(
            select(lead.c.id, lead.c.unitid, lead.c.created_at, lead.c.confirm_by)
            .join(lead_listing, lead_listing.c.lead_id == lead.c.id)
            .where(lead.c.request_id == request_id)
            .group_by(lead.c.id)
            .order_by(best)
        ).all()

    def _reserve(
        self, new: NewRequest, ways: Mapping[int, Way]
    ) -> tuple[list[Taken], list[NotTaken]]:
        """Decide which leads are taken and who pays for them, with all windows locked."""
        known = self._known(new, ways)
        asked = [each for each in new.leads if each.unitid not in known]
        wanted = {
            listing.campaign_version_id
            for each in asked
            for listing in each.listings
            if listing.campaign_version_id is not None
        }
        capacity = Capacity(self._connection, wanted, new.created_at)
        taken: list[Taken] = []
        not_taken = list(new.not_taken)
        not_taken += [NotTaken(unitid, NotTakenReason.DUPLICATE) for unitid in known]
        for each in asked:
            placement, reason = _place(each, capacity)
            if placement is not None or reason is None:
                taken.append((each, placement))
            else:
                not_taken.append(NotTaken(each.unitid, reason))
        return taken, not_taken

    def _known(self, new: NewRequest, ways: Mapping[int, Way]) -> list[int]:
        """Find the schools that have this student's lead already, by their own rules."""
        if not any(each.duplicates for each in ways.values()):
            return []
        indexes = contact_indexes(new, new.leads, self._keyring)
        return [
            each.unitid
            for each in new.leads
            if (rule := ways.get(each.unitid, Way()).duplicates) is not None
            and intake.known(self._connection, each, rule, indexes, new.created_at)
        ]


def _place(each: NewLead, capacity: Capacity) -> tuple[Placement | None, NotTakenReason | None]:
    """Find who pays for a lead: the best-placed campaign with room, or nobody.

    A school chosen only through sponsored listings whose campaigns have no room is not taken. One
    chosen through an organic listing as well is taken free, where it takes such requests.
    """
    sponsored = [at for at in each.listings if at.campaign_version_id is not None]
    reason = None
    for listing in sponsored:
        placement = capacity.placement(listing.campaign_version_id)
        if placement is None or not placement.running:
            reason = reason or NotTakenReason.CLOSED
        elif capacity.take(placement):
            return placement, None
        else:
            reason = NotTakenReason.FULL
    if each.takes_organic and len(sponsored) < len(each.listings):
        return None, None
    return None, reason or NotTakenReason.CLOSED


def _read_not_taken(document: Sequence[Sequence[Any]]) -> tuple[NotTaken, ...]:
    return tuple(NotTaken(unitid, NotTakenReason(reason)) for unitid, reason in document)
