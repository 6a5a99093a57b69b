"""Keeps staff's sessions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from models.db.crypto import Keyring, WrappedKey
from models.db.tables.organizations import staff
from models.db.tables.staff import staff_session
from models.domain.staff import SESSION_IDLE, NewSession, StaffSession, StaffStatus

_of = staff_session.c


class StaffSessionRepository:
    """Keeps staff's sessions, each sealed under a key of its own and named by its token's hash."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def begin(self, token_hash: str, new: NewSession) -> None:
        """Keep a new session."""
        self._connection.execute(
            insert(staff_session).values(
                token_hash=token_hash,
                id=new.id,
                staff_id=new.staff_id,
                began_at=new.began_at,
                seen_at=new.began_at,
                expires_at=min(new.began_at + SESSION_IDLE, new.ends_at),
                ends_at=new.ends_at,
                organization_id=new.organization_id,
                **self._sealed(token_hash, new.data),
            )
        )

    def load(self, token_hash: str, now: datetime) -> StaffSession | None:
        """Read a session; None when there is none, or it is over, or its owner is not active."""
        query = (
            select(staff_session)
            .join(staff, staff.c.id == _of.staff_id)
            .where(
                _of.token_hash == token_hash,
                _of.expires_at > now,
                staff.c.status == StaffStatus.ACTIVE.value,
            )
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else self._open(row)

    def save(self, token_hash: str, data: bytes, now: datetime) -> None:
        """Keep a session's data and note the visit."""
        self._connection.execute(
            update(staff_session)
            .where(_of.token_hash == token_hash)
            .values(**_visit(now), **self._sealed(token_hash, data))
        )

    def touch(self, token_hash: str, now: datetime) -> None:
        """Note that they are still there."""
        self._connection.execute(
            update(staff_session).where(_of.token_hash == token_hash).values(**_visit(now))
        )

    def rotate(self, token_hash: str, new_hash: str, session_id: UUID, data: bytes) -> None:
        """Let a session be opened by a new token, and by the old one no more."""
        self._connection.execute(
            update(staff_session)
            .where(_of.token_hash == token_hash, _of.id == session_id)
            .values(token_hash=new_hash, **self._sealed(new_hash, data))
        )

    def of(self, staff_id: UUID, now: datetime) -> tuple[StaffSession, ...]:
        """List somebody's sessions, newest first."""
        query = select(staff_session).where(_of.staff_id == staff_id, _of.expires_at > now)
        rows = self._connection.execute(query.order_by(_of.seen_at.desc(), _of.id.desc()))
        return tuple(self._open(row) for row in rows)

    def end(self, staff_id: UUID, session_id: UUID) -> bool:
        """End one session of somebody; False when they have no such session."""
        ended = self._connection.execute(
            delete(staff_session).where(_of.staff_id == staff_id, _of.id == session_id)
        )
        return ended.rowcount == 1

    def end_all(self, staff_id: UUID, *, but: UUID | None = None) -> int:
        """End somebody's sessions, and tell how many."""
        ending = delete(staff_session).where(_of.staff_id == staff_id)
        if but is not None:
            ending = ending.where(_of.id != but)
        return self._connection.execute(ending).rowcount

    def end_begun_by(self, organization_id: UUID, staff_id: UUID | None = None) -> int:
        """End the sessions that an organization's own sign-in began, and tell how many."""
        begun = delete(staff_session).where(_of.organization_id == organization_id)
        if staff_id is not None:
            begun = begun.where(_of.staff_id == staff_id)
        return self._connection.execute(begun).rowcount

    def delete_over(self, now: datetime) -> int:
        """Delete the sessions that are over."""
        over = delete(staff_session).where(_of.expires_at <= now)
        return self._connection.execute(over).rowcount

    def _sealed(self, token_hash: str, data: bytes) -> dict[str, Any]:
        key, wrapped = self._keyring.new_key(token_hash)
        return {
            "master_key_id": wrapped.master_key_id,
            "wrapped": wrapped.wrapped,
            "data": key.seal(data, "staff_session", "data", token_hash),
        }

    def _open(self, row: Row[Any]) -> StaffSession:
        key = self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.token_hash)
        data = key.open(row.data, "staff_session", "data", row.token_hash)
        return StaffSession(
            row.id,
            row.staff_id,
            row.began_at,
            row.seen_at,
            row.ends_at,
            data,
            row.organization_id,
        )


def _visit(now: datetime) -> dict[str, Any]:
    return {"seen_at": now, "expires_at": func.least(now + SESSION_IDLE, _of.ends_at)}
