"""Port: keeps destinations, their versioned settings, secrets and state."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from models.domain.destination import (
    Destination,
    DestinationConfig,
    DestinationStatus,
    NewDestination,
    Pace,
    TakesRequests,
)
from models.domain.intake import Intake, OpenSchool


class DestinationStore(Protocol):
    """Keeps destinations, their versioned settings, secrets and state."""

    def create(
        self,
        organization_id: UUID,
        new: NewDestination,
        *,
        by: str,
        now: datetime,
    ) -> UUID:
        """Add a destination as a draft, for schools its organization owns."""
        ...

    def all(self) -> tuple[Destination, ...]:
        """List every destination, oldest first."""
        ...

    def of(self, organization_id: UUID) -> tuple[Destination, ...]:
        """List an organization's destinations, oldest first; those that were removed are not."""
        ...

    def get(self, destination_id: UUID) -> Destination:
        """Return one destination, locked until the end of the transaction.

        Raises:
            NotFoundError: when there is none.
        """
        ...

    def change(
        self,
        destination_id: UUID,
        settings: Mapping[str, Any],
        secrets: Mapping[str, Any],
        *,
        by: str,
        now: datetime,
    ) -> UUID:
        """Make a new version the current one; it takes no new requests until it is tested."""
        ...

    def set_pace(self, destination_id: UUID, pace: Pace | None) -> None:
        """Say how much a destination's system takes; None: as much as we like."""
        ...

    def set_status(self, destination_id: UUID, status: DestinationStatus) -> None:
        """Move a destination along its transition table.

        Raises:
            TransitionError: when the table does not allow it.
        """
        ...

    def mark_tested(self, destination_id: UUID, at: datetime) -> None:
        """Note that a test reached the receiver with the current version."""
        ...

    def test_arrived(self, destination_id: UUID, version_id: UUID, at: datetime) -> None:
        """Note that a test arrived with that version, unless another is current by now.

        A draft becomes active by it; what was paused or disabled stays so.
        """
        ...

    def taking_requests(self) -> Mapping[int, TakesRequests]:
        """List the schools, by unitid, with an active, tested destination."""
        ...

    def for_delivery(self, destination_id: UUID) -> DestinationConfig:
        """Return what sending needs, secrets opened.

        Raises:
            NotFoundError: when there is none.
        """
        ...

    def secrets_of(self, destination_id: UUID, version: int) -> Mapping[str, Any]:
        """Open the secrets of one of a destination's versions; none where there is no such."""
        ...

    def current_versions(
        self, destination_ids: Collection[UUID]
    ) -> dict[UUID, tuple[UUID, DestinationStatus]]:
        """Return each destination's current version and status."""
        ...

    def open_schools(self, unitids: Collection[int]) -> Mapping[int, OpenSchool]:
        """Tell how schools take leads now, by unitid; one that nobody owns is left out."""
        ...

    def intake(self, unitid: int) -> Intake:
        """Tell how a school takes leads, locked until the end of the transaction."""
        ...

    def set_intake(self, unitid: int, intake: Intake) -> None:
        """Change how a school takes leads, from now on."""
        ...

    def serving(self, unitid: int) -> list[UUID]:
        """List the destinations of a school, whatever their state."""
        ...
