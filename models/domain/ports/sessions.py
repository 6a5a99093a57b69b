"""Port: keeps server-side sessions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredSession:
    """What was kept for one visitor; ``data`` is JSON, readable only while the session lives."""

    data: bytes
    seen_at: datetime


class SessionStore(Protocol):
    """Keeps server-side sessions, each sealed under a key of its own.

    A session is named by the hash of its token: whoever reads the table cannot become a visitor.
    """

    def load(self, token_hash: str, now: datetime) -> StoredSession | None:
        """Read a session; None when there is none or it has expired."""
        ...

    def save(self, token_hash: str, data: bytes, now: datetime, expires_at: datetime) -> None:
        """Keep a session's data, in place of what it held before."""
        ...

    def touch(self, token_hash: str, now: datetime, expires_at: datetime) -> None:
        """Note that the visitor is still there."""
        ...

    def delete(self, token_hash: str) -> None:
        """End a session; its key goes with it."""
        ...

    def delete_expired(self, now: datetime) -> int:
        """End every session that has expired, and tell how many."""
        ...
