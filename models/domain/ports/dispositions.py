"""Port: keeps what schools say happened to their leads."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.domain.lead import DispositionStatus, Verdict


class DispositionStore(Protocol):
    """Keeps what schools say happened to their leads."""

    def lead_owner(self, lead_id: UUID) -> UUID | None:
        """Return the organization that a lead belongs to; None when there is no such lead."""
        ...

    def record_raw(
        self,
        lead_id: UUID,
        organization_id: UUID,
        raw: bytes,
        now: datetime,
        *,
        api_key_id: UUID | None = None,
    ) -> UUID:
        """Keep what was said, sealed, before anything of it is read; commit before ``apply``."""
        ...

    def apply(
        self,
        disposition_id: UUID,
        status: DispositionStatus,
        *,
        reason: str | None = None,
        happened_at: datetime | None = None,
    ) -> Verdict:
        """Judge what was said by the transition table, one at a time for each lead.

        A reject, a duplicate or a return gives the lead's place under its caps back; accepting it
        after all takes one again, if there is one.

        Raises:
            NotFoundError: when nothing was recorded under that id.
        """
        ...

    def last_applied(self, lead_id: UUID) -> DispositionStatus | None:
        """Return what the school said last that counted."""
        ...
