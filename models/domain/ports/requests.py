"""Port: keeps requests, leads, consents and the places they hold under caps."""

from typing import Protocol


class RequestStore(Protocol):
    """Keeps requests, leads, consents and the places they hold under caps."""
