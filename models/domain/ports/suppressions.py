"""Port: addresses that must not be used, known by a blind index alone."""

from datetime import datetime
from typing import Protocol
from uuid import UUID


class SuppressionStore(Protocol):
    """Keeps which addresses must not be used; every claim reads it."""

    def stop_mail(self, message_id: UUID, now: datetime) -> bool:
        """Let nothing more be sent to the address of a message, and no school be given it.

        A second time changes nothing.

        Returns:
            Whether there is such a message.
        """
        ...

    def allow_mail(self, message_id: UUID) -> bool:
        """Take back what ``stop_mail`` did for a message's address; nothing that others did.

        Returns:
            Whether there is such a message.
        """
        ...

    def mail_stopped(self, message_id: UUID) -> bool | None:
        """Tell whether the address of a message is stopped; None: there is no such message."""
        ...
