"""Keeps claims of listings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from models.db.crypto import Keyring
from models.db.repositories.history import HistoryRepository
from models.db.tables.campaigns import destination, destination_school
from models.db.tables.organizations import organization, organization_school
from models.db.tables.staff import listing_claim
from models.domain.claim import Claim, ClaimStatus, OwnedSchool
from models.domain.destination import DestinationStatus
from models.domain.errors import ConflictError, NotFoundError
from models.domain.history import Configured, Subject
from models.domain.ids import Prefix, show

_of = listing_claim.c


class ClaimRepository:
    """Keeps claims of listings."""

    def __init__(
        self, connection: Connection, keyring: Keyring, history: HistoryRepository
    ) -> None:
        self._connection = connection
        self._history = history
        self._keyring = keyring

    def add(self, claim: Claim) -> None:
        """Keep a new claim.

        Raises:
            ConflictError: when the organization claims that school already.
        """
        added = self._connection.execute(
            insert(listing_claim)
            .values(
                id=claim.id,
                organization_id=claim.organization_id,
                unitid=claim.unitid,
                destination_id=claim.destination_id,
                takes_organic=claim.takes_organic,
                status=claim.status.value,
                claimed_at=claim.claimed_at,
            )
            .on_conflict_do_nothing()
            .returning(_of.id)
        ).one_or_none()
        if added is None:
            raise ConflictError(f"school {claim.unitid} is claimed already and waits")

    def pending(self) -> tuple[Claim, ...]:
        """List what waits for a decision, oldest first."""
        waiting = _claims().where(_of.status == ClaimStatus.PENDING.value).order_by(_of.id)
        return tuple(map(_read, self._connection.execute(waiting)))

    def of(self, organization_id: UUID) -> tuple[Claim, ...]:
        """List an organization's claims, newest first."""
        theirs = _claims().where(_of.organization_id == organization_id).order_by(_of.id.desc())
        return tuple(map(_read, self._connection.execute(theirs)))

    def get(self, claim_id: UUID) -> Claim:
        """Return a claim, locked until the end of the transaction.

        Raises:
            NotFoundError: when there is none.
        """
        query = _claims().where(_of.id == claim_id).with_for_update(of=listing_claim)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no claim {show(Prefix.CLAIM, claim_id)}")
        return _read(row)

    def decide(self, claim_id: UUID, status: ClaimStatus, now: datetime) -> None:
        """Note what was decided."""
        self._connection.execute(
            update(listing_claim)
            .where(_of.id == claim_id)
            .values(status=status.value, decided_at=now)
        )

    def serve(self, unitid: int, destination_id: UUID) -> None:
        """Let a school's requests go to a destination too."""
        self._history.touch(Subject(Configured.DESTINATION, destination_id))
        self._connection.execute(
            insert(destination_school)
            .values(destination_id=destination_id, unitid=unitid)
            .on_conflict_do_nothing()
        )

    def owned(self, organization_id: UUID) -> tuple[OwnedSchool, ...]:
        """List the schools of an organization."""
        school = organization_school.c
        active = (
            select(func.count())
            .select_from(destination_school.join(destination))
            .where(
                destination_school.c.unitid == school.unitid,
                destination.c.organization_id == school.organization_id,
                destination.c.status == DestinationStatus.ACTIVE.value,
                destination.c.tested_at.is_not(None),
            )
            .scalar_subquery()
        )
        query = select(organization_school, active.label("destinations")).where(
            school.organization_id == organization_id
        )
        return tuple(
            OwnedSchool(row.unitid, row.takes_organic, row.claimed_at, row.destinations)
            for row in self._connection.execute(query.order_by(school.unitid))
        )


def _claims() -> Select[Any]:
    return select(listing_claim, organization.c.name).join(
        organization, organization.c.id == _of.organization_id
    )


def _read(row: Row[Any]) -> Claim:
    return Claim(
        id=row.id,
        organization_id=row.organization_id,
        organization_name=row.name,
        unitid=row.unitid,
        destination_id=row.destination_id,
        takes_organic=row.takes_organic,
        status=ClaimStatus(row.status),
        claimed_at=row.claimed_at,
    )
