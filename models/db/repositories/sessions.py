"""Keeps server-side sessions."""

from datetime import datetime
from typing import TypedDict

from sqlalchemy import Connection, delete, insert, select, update

from models.db.crypto import Keyring, WrappedKey
from models.db.tables.sessions import web_session
from models.domain.ports.sessions import StoredSession


class _Sealed(TypedDict):
    """Columns of data under a key."""

    master_key_id: str
    wrapped: bytes
    data: bytes


class SessionRepository:
    """Keeps server-side sessions, each sealed under a key of its own."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def load(self, token_hash: str, now: datetime, *, lock: bool = False) -> StoredSession | None:
        """Read a session; None when there is none or it has expired."""
        query = select(
            web_session.c.master_key_id,
            web_session.c.wrapped,
            web_session.c.data,
            web_session.c.seen_at,
        ).where(web_session.c.token_hash == token_hash, web_session.c.expires_at > now)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        if row is None:
            return None
        key = self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), token_hash)
        data = key.open(row.data, "web_session", "data", token_hash)
        return StoredSession(data, row.seen_at, bytes(row.wrapped))

    def add(self, token_hash: str, data: bytes, now: datetime, expires_at: datetime) -> bytes:
        """Keep a new session's data, under a key of its own; return its version."""
        sealed = self._seal(token_hash, data)
        self._connection.execute(
            insert(web_session).values(
                token_hash=token_hash,
                created_at=now,
                seen_at=now,
                expires_at=expires_at,
                **sealed,
            )
        )
        return sealed["wrapped"]

    def replace(
        self, token_hash: str, version: bytes, data: bytes, now: datetime, expires_at: datetime
    ) -> bytes | None:
        """Keep data under a fresh key in place of those of a version; None when it is gone."""
        sealed = self._seal(token_hash, data)
        # Whoever keeps data makes a key, so the key tells which version this is.
        changed = self._connection.execute(
            update(web_session)
            .where(web_session.c.token_hash == token_hash, web_session.c.wrapped == version)
            .values(seen_at=now, expires_at=expires_at, **sealed)
        )
        return sealed["wrapped"] if changed.rowcount else None

    def _seal(self, token_hash: str, data: bytes) -> _Sealed:
        key, wrapped = self._keyring.new_key(token_hash)
        return {
            "master_key_id": wrapped.master_key_id,
            "wrapped": wrapped.wrapped,
            "data": key.seal(data, "web_session", "data", token_hash),
        }

    def touch(self, token_hash: str, now: datetime, expires_at: datetime) -> None:
        """Note that the visitor is still there."""
        self._connection.execute(
            update(web_session)
            .where(web_session.c.token_hash == token_hash)
            .values(seen_at=now, expires_at=expires_at)
        )

    def delete(self, token_hash: str) -> None:
        """End a session; its key goes with it."""
        self._connection.execute(delete(web_session).where(web_session.c.token_hash == token_hash))

    def delete_expired(self, now: datetime) -> int:
        """End every session that has expired, and tell how many."""
        ended = self._connection.execute(delete(web_session).where(web_session.c.expires_at <= now))
        return ended.rowcount
