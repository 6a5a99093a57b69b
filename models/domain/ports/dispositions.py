"""Port: keeps what schools say happened to their leads."""

from typing import Protocol


class DispositionStore(Protocol):
    """Keeps what schools say happened to their leads."""
