"""Port: keeps what was changed of the configuration."""

from typing import Protocol
from uuid import UUID

from models.domain.history import Change, Configured, Subject


class HistoryStore(Protocol):
    """Keeps what was changed of the configuration, a row for each thing in each transaction."""

    def touch(self, subject: Subject) -> None:
        """Note how something stands, before it is changed; later calls of a transaction do nothing.

        What became of it is written when the transaction ends.
        """
        ...

    def takes_back(self, change_id: UUID) -> None:
        """Say that this transaction applies what held before that change."""
        ...

    def page(
        self,
        organization_id: UUID,
        *,
        kind: Configured | None = None,
        subject: str | None = None,
        before: UUID | None = None,
        most: int,
    ) -> tuple[Change, ...]:
        """List an organization's changes, the newest first, from the one after ``before``."""
        ...

    def one(self, organization_id: UUID, change_id: UUID) -> Change | None:
        """Read a change; None when there is none or it is another organization's."""
        ...
