"""Port: keeps destinations, their versioned settings, secrets and state."""

from typing import Protocol


class DestinationStore(Protocol):
    """Keeps destinations, their versioned settings, secrets and state."""
