"""A fake of the session store: remembers in memory, forgets by the clock it is told."""

from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import uuid4

from models.domain.ports.sessions import StoredSession


class MemorySessions:
    """Sessions in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[StoredSession, datetime]] = {}

    def load(self, token_hash: str, now: datetime, *, lock: bool = False) -> StoredSession | None:  # noqa: ARG002 - one thread
        stored, expires_at = self.kept.get(token_hash, (None, now))
        return stored if expires_at > now else None

    def add(self, token_hash: str, data: bytes, now: datetime, expires_at: datetime) -> bytes:
        version = uuid4().bytes
        self.kept[token_hash] = StoredSession(data, now, version), expires_at
        return version

    def replace(
        self, token_hash: str, version: bytes, data: bytes, now: datetime, expires_at: datetime
    ) -> bytes | None:
        stored = self.load(token_hash, now)
        if stored is None or stored.version != version:
            return None
        return self.add(token_hash, data, now, expires_at)

    def touch(self, token_hash: str, now: datetime, expires_at: datetime) -> None:
        stored, _ = self.kept[token_hash]
        self.kept[token_hash] = replace(stored, seen_at=now), expires_at

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
