"""Port: keeps requests, leads, consents and the places they hold under caps."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from models.domain.request import AcceptedRequest, KeptRequest, NewRequest


class RequestStore(Protocol):
    """Keeps requests, leads, consents and the places they hold under caps."""

    def find_accepted(self, source: str, idempotency_key: str) -> AcceptedRequest | None:
        """Return what an earlier submission with that key came to."""
        ...

    def accept(self, new: NewRequest) -> AcceptedRequest:
        """Keep a submission: places under caps, request, leads, listings, consents.

        A lead whose campaigns have no room is left out and named in ``not_taken``; of a student
        whom no school takes, nothing personal is kept.

        Raises:
            ConflictError: when its key was used meanwhile; roll back and read that one.
        """
        ...

    def get(self, request_id: UUID) -> KeptRequest | None:
        """Return a request as its student may see it, without personal data."""
        ...

    def route(self, lead_id: UUID, then: Sequence[UUID]) -> None:
        """Keep where an exclusive lead goes next while nobody accepts it."""
        ...
