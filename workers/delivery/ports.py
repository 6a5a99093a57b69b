"""What the drainer needs of the outside."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from models.domain.delivery import DeliveryStatus, Outcome, Purpose
from models.domain.sending import Parcel, Swept


class DestinationClient(Protocol):
    """Sends to one kind of destination."""

    def send(self, parcel: Parcel) -> Outcome:
        """Send once and judge the answer; raises nothing that a stranger can cause."""
        ...


class Watch(Protocol):
    """Is told what the drainer does, for an operator's figures; must neither wait nor raise."""

    def attempted(
        self, kind: str, purpose: Purpose, outcome: DeliveryStatus, latency_ms: int
    ) -> None:
        """Hear of an attempt that is written down, and of the delivery's next state."""
        ...

    def not_sent(self, reason: str) -> None:
        """Hear of a delivery that was claimed and not sent."""
        ...

    def swept(self, swept: Swept) -> None:
        """Hear what a sweep found."""
        ...


class Unwatched:
    """Nobody watches."""

    def attempted(
        self, kind: str, purpose: Purpose, outcome: DeliveryStatus, latency_ms: int
    ) -> None:
        """Do nothing."""

    def not_sent(self, reason: str) -> None:
        """Do nothing."""

    def swept(self, swept: Swept) -> None:
        """Do nothing."""


# Each sender thread opens clients of its own and closes them at its end.
OpenClients = Callable[[], AbstractContextManager[Mapping[str, DestinationClient]]]
