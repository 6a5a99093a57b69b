"""Port: keeps server-side sessions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredSession:
    """What was kept for one visitor; ``data`` is JSON, readable only while the session lives.

    ``version`` is another one after each time the data were kept.
    """

    data: bytes
    seen_at: datetime
    version: bytes = b""


class SessionStore(Protocol):
    """Keeps server-side sessions, each sealed under a key of its own.

    A session is named by the hash of its token: whoever reads the table cannot become a visitor.
    """

    def load(self, token_hash: str, now: datetime, *, lock: bool = False) -> StoredSession | None:
        """Read a session; None when there is none or it has expired.

        Args:
            token_hash: which one.
            now: the moment it must live at.
            lock: keep others from changing it until this unit of work ends.
        """
        ...

    def add(self, token_hash: str, data: bytes, now: datetime, expires_at: datetime) -> bytes:
        """Keep a new session's data; return its version."""
        ...

    def replace(
        self, token_hash: str, version: bytes, data: bytes, now: datetime, expires_at: datetime
    ) -> bytes | None:
        """Keep data in place of those of a version; return the new version.

        None when another version is there meanwhile, or nothing: nothing is kept then.
        """
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
