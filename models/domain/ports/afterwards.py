"""Port: what a student has done with a request that was sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.domain.afterwards import Mails, Told
from models.domain.delivery import Purpose
from models.domain.request import Student


class AfterwardsStore(Protocol):
    """Withdraws, corrects and deletes requests, and knows what schools were told of it."""

    def tell(
        self,
        request_id: UUID,
        unitids: Sequence[int],
        purpose: Purpose,
        now: datetime,
        mails: Mails,
    ) -> Sequence[UUID]:
        """Let the schools that have a request, or may have it, be told of a change.

        What still waits to be sent is due at once, so that it stops at once. Asking for the same
        withdrawal or deletion again changes nothing. ``mails`` says of which destinations people of
        the school are told by e-mail.

        Returns:
            The leads concerned, in order.
        """
        ...

    def told(self, request_id: UUID) -> Sequence[Told]:
        """What was told of a request's changes, oldest first."""
        ...

    def student(self, request_id: UUID) -> Student | None:
        """What a student said of themselves; None once it was deleted or nothing was kept."""
        ...

    def correct(self, request_id: UUID, student: Student) -> None:
        """Put what a student says now in the place of what they said.

        A phone number stays only where a school may use it; another e-mail address is one that
        nobody confirmed.

        Raises:
            NotFoundError: when nothing personal is kept of the request.
        """
        ...
