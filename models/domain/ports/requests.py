"""Port: keeps requests, leads, consents and the places they hold under caps."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.domain.intake import Way
from models.domain.request import AcceptedRequest, KeptRequest, NewRequest
from models.domain.verification import Confirmation


class RequestStore(Protocol):
    """Keeps requests, leads, consents and the places they hold under caps."""

    def find_accepted(self, source: str, idempotency_key: str) -> AcceptedRequest | None:
        """Return what an earlier submission with that key came to."""
        ...

    def accept(self, new: NewRequest, ways: Mapping[int, Way]) -> AcceptedRequest:
        """Keep a submission: places under caps, request, leads, listings, consents, deliveries.

        A lead whose campaigns have no room is left out and named in ``not_taken``; of a student
        whom no school takes, nothing personal is kept.

        Args:
            new: what the student sent.
            ways: how each school takes its lead, by unitid; its deliveries are due at once.

        Raises:
            ConflictError: when its key was used meanwhile; roll back and read that one.
        """
        ...

    def get(self, request_id: UUID) -> KeptRequest | None:
        """Return a request as its student may see it, without personal data."""
        ...

    def await_confirmation(self, request_id: UUID) -> None:
        """Let deliveries wait whose leads must be confirmed; inside acceptance."""
        ...

    def await_again(self, request_id: UUID, until: datetime) -> bool:
        """Let leads wait anew that need a confirmed address; inside a correction of the address.

        A link that was not mailed yet, to the address before, is not mailed any more.

        Returns:
            Whether a school still waits for its lead.
        """
        ...

    def confirmation(self, request_id: UUID) -> Confirmation:
        """Tell where a request's confirmation stands."""
        ...

    def confirm(self, request_id: UUID, address: bytes, now: datetime) -> Confirmation:
        """Note that the e-mail address is the student's, and let go what waited for it.

        Once, however often it is asked; after the time is over, or when the request has another
        address than that (by its blind index), it changes nothing.
        """
        ...

    def route(self, lead_id: UUID, then: Sequence[UUID]) -> None:
        """Keep where an exclusive lead goes next while nobody accepts it."""
        ...
