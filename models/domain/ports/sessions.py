"""Port: keeps server-side sessions."""

from typing import Protocol


class SessionStore(Protocol):
    """Keeps server-side sessions."""
