"""Ports: what the school's and the operator's rooms read, and claims of listings."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.domain.claim import Claim, ClaimStatus, OwnedSchool
from models.domain.lead_search import LeadFilter, Seen, Sought
from models.domain.refusals import Refusals
from models.domain.school_lead import AuditRow, Decision, SchoolLead, SchoolLeadDetail


class ClaimStore(Protocol):
    """Keeps claims of listings."""

    def add(self, claim: Claim) -> None:
        """Keep a new claim.

        Raises:
            ConflictError: when the organization claims that school already.
        """
        ...

    def pending(self) -> tuple[Claim, ...]:
        """List what waits for a decision, oldest first."""
        ...

    def of(self, organization_id: UUID) -> tuple[Claim, ...]:
        """List an organization's claims, newest first."""
        ...

    def get(self, claim_id: UUID) -> Claim:
        """Return a claim, locked until the end of the transaction.

        Raises:
            NotFoundError: when there is none.
        """
        ...

    def decide(self, claim_id: UUID, status: ClaimStatus, now: datetime) -> None:
        """Note what was decided."""
        ...

    def serve(self, unitid: int, destination_id: UUID) -> None:
        """Let a school's requests go to a destination too."""
        ...

    def owned(self, organization_id: UUID) -> tuple[OwnedSchool, ...]:
        """List the schools of an organization."""
        ...


class SchoolLeadStore(Protocol):
    """Reads leads for the organization that they belong to, and for no other."""

    def page(
        self,
        organization_id: UUID,
        wanted: LeadFilter,
        most: int,
        before: UUID | None = None,
        sought: Sought | Collection[UUID] | None = None,
    ) -> tuple[SchoolLead, ...]:
        """List leads, newest first, from the one after ``before``.

        Args:
            organization_id: whose.
            wanted: which of them.
            most: how many at most.
            before: the last one of the page before.
            sought: whose address or number they must have, agreed to be told; or which alone may
                be listed.
        """
        ...

    def count(self, organization_id: UUID, wanted: LeadFilter, most: int) -> int:
        """Count leads, at most so many."""
        ...

    def seen(self, organization_id: UUID, most: int) -> Seen:
        """List programs and states of the newest leads, so many of them."""
        ...

    def one(self, organization_id: UUID, lead_id: UUID) -> SchoolLeadDetail | None:
        """Read a lead; None when there is none or it is another's."""
        ...

    def decision(self, organization_id: UUID, lead_id: UUID) -> Decision | None:
        """Read what a lead's slate was; None when there is none or it is another's."""
        ...


class WatchStore(Protocol):
    """Reads what operators watch."""

    def audit_tail(self, most: int) -> tuple[AuditRow, ...]:
        """List what was done, the newest first."""
        ...

    def refusals(self) -> tuple[Refusals, ...]:
        """Count what each organization answered and refused, of late and before."""
        ...
