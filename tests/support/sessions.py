"""A fake of the session store: remembers in memory, forgets by the clock it is told."""

from datetime import datetime
from types import TracebackType
from typing import Self

from models.domain.ports.sessions import StoredSession


class MemorySessions:
    """Sessions in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[StoredSession, datetime]] = {}

    def load(self, token_hash: str, now: datetime) -> StoredSession | None:
        stored, expires_at = self.kept.get(token_hash, (None, now))
        return stored if expires_at > now else None

    def save(self, token_hash: str, data: bytes, now: datetime, expires_at: datetime) -> None:
        self.kept[token_hash] = StoredSession(data, now), expires_at

    def touch(self, token_hash: str, now: datetime, expires_at: datetime) -> None:
        self.save(token_hash, self.kept[token_hash][0].data, now, expires_at)

    def delete(self, token_hash: str) -> None:
        self.kept.pop(token_hash, None)

    def delete_expired(self, now: datetime) -> int:
        old = [token for token, (_, expires_at) in self.kept.items() if expires_at <= now]
        for token in old:
            del self.kept[token]
        return len(old)


class SessionsOnly:
    """A unit of work that knows nothing but sessions."""

    def __init__(self, sessions: MemorySessions) -> None:
        self.sessions = sessions

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None
