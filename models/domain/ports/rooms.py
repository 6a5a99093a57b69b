"""Ports: what the school's and the operator's rooms read, and claims of listings."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.domain.claim import Claim, ClaimStatus, OwnedSchool
from models.domain.refusals import Refusals
from models.domain.school_lead import AuditRow, SchoolLead, SchoolLeadDetail


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

    def page(self, organization_id: UUID, before: UUID | None, most: int) -> tuple[SchoolLead, ...]:
        """List leads, newest first, from the one after ``before``."""
        ...

    def one(self, organization_id: UUID, lead_id: UUID) -> SchoolLeadDetail | None:
        """Read a lead; None when there is none or it is another's."""
        ...


class WatchStore(Protocol):
    """Reads what operators watch."""

    def audit_tail(self, most: int) -> tuple[AuditRow, ...]:
        """List what was done, the newest first."""
        ...

    def refusals(self) -> tuple[Refusals, ...]:
        """Count what each organization answered and refused, of late and before."""
        ...
