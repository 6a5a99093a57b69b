"""What the drainer needs of the outside."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from models.domain.delivery import Outcome
from models.domain.sending import Parcel


class DestinationClient(Protocol):
    """Sends to one kind of destination."""

    def send(self, parcel: Parcel) -> Outcome:
        """Send once and judge the answer; raises nothing that a stranger can cause."""
        ...


# Each sender thread opens clients of its own and closes them at its end.
OpenClients = Callable[[], AbstractContextManager[Mapping[str, DestinationClient]]]
