"""Port: keeps organizations, the schools they own and their API keys."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from models.domain.organization import Actor, ApiKeyHolder, KeptApiKey, NewApiKey, Organization


class OrganizationStore(Protocol):
    """Keeps organizations, the schools they own and their API keys."""

    def create(self, name: str, *, fictional: bool, now: datetime) -> Organization:
        """Add an organization with a data key of its own."""
        ...

    def named(self, name: str) -> Organization | None:
        """Find an organization by its exact name."""
        ...

    def get(self, organization_id: UUID) -> Organization | None:
        """Find an organization."""
        ...

    def all(self) -> tuple[Organization, ...]:
        """List all organizations by their names."""
        ...

    def claim_school(
        self, organization_id: UUID, unitid: int, *, takes_organic: bool, now: datetime
    ) -> None:
        """Give a school to an organization.

        Raises:
            ConflictError: when another organization has it.
        """
        ...

    def schools(self, organization_id: UUID) -> tuple[int, ...]:
        """List the schools of an organization."""
        ...

    def add_api_key(self, organization_id: UUID, key: NewApiKey, now: datetime) -> UUID:
        """Keep a new key's hash."""
        ...

    def api_key(self, presented: str, now: datetime) -> ApiKeyHolder | None:
        """Find whose key this is; None when it is unknown, expired or revoked."""
        ...

    def api_keys(self, organization_id: UUID) -> tuple[KeptApiKey, ...]:
        """List an organization's keys, newest first."""
        ...

    def end_api_key(self, key_id: UUID, at: datetime) -> None:
        """Let a key end at a moment, or at its own end where that comes first."""
        ...

    def revoke_api_key(self, key_id: UUID, now: datetime) -> None:
        """End a key at once."""
        ...

    def record_audit(
        self, actor: Actor, action: str, subject: str, detail: Mapping[str, Any], at: datetime
    ) -> None:
        """Write down who changed what; details hold no secret and no personal data."""
        ...
