"""What clients of all kinds need of the way out, so that tests can pass a way of their own."""

from collections.abc import Mapping
from typing import Protocol


class Answer(Protocol):
    """What a client reads of an answer."""

    @property
    def code(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers, by name in small letters."""
        ...

    @property
    def body(self) -> bytes:
        """What was read of the body."""
        ...


class Http(Protocol):
    """The way out."""

    @property
    def total_seconds(self) -> float:
        """How long one request may take, unless it is given less."""
        ...

    def post(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds: float | None = None
    ) -> Answer:
        """POST bytes and read the answer.

        Raises:
            DeliveryError: when no answer came.
        """
        ...
