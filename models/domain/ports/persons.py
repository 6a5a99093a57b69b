"""Port: what is kept of persons; copies for them, and erasing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from models.domain.person import ErasedBy, Erasure, KeptRequest


class PersonStore(Protocol):
    """Finds, copies and erases what is kept of persons."""

    def requests_of(self, email: str) -> Sequence[KeptRequest]:
        """The requests of an e-mail address, oldest first; what was erased by age is not found."""
        ...

    def copy(self, request_id: UUID) -> dict[str, Any] | None:
        """Open everything that is kept of a request's student, as one document for them.

        Returns:
            None when there is no such request, or nothing personal of it is kept.
        """
        ...

    def erase(self, request_id: UUID, now: datetime, by: ErasedBy) -> bool:
        """Destroy the key of a request's student: what is sealed under it opens for nobody.

        Hashes of the addresses stay, so that nobody else can enter the person again; where only
        their time was over (``ErasedBy.AGE``) not even these.

        Returns:
            Whether there was anything left to erase.
        """
        ...

    def over(self, before: datetime, most: int) -> Sequence[UUID]:
        """Requests of before a moment that still have their student and wait for nothing."""
        ...

    def forgotten(self, email: str, phone: str | None) -> bool:
        """Whether who has one of these addresses was erased, and has not asked us since."""
        ...

    def erasures(self) -> Sequence[Erasure]:
        """Everybody who was erased, oldest first."""
        ...

    def erase_again(self, erasures: Iterable[Erasure]) -> int:
        """Erase who was erased before an older copy of the database took its place.

        Returns:
            How many had come back.
        """
        ...
