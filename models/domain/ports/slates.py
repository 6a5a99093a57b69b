"""Port: keeps searches, slates and the pages served."""

from typing import Protocol


class SlateStore(Protocol):
    """Keeps searches, slates and the pages served."""
