"""Keeps organizations, the schools they own and their API keys."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from models.db.crypto import Keyring
from models.db.repositories.history import HistoryRepository
from models.db.tables.organizations import (
    api_key,
    audit,
    organization,
    organization_key,
    organization_school,
)
from models.domain.errors import ConflictError
from models.domain.history import Configured, Subject
from models.domain.ids import new_id
from models.domain.organization import (
    Actor,
    ApiKeyHolder,
    KeptApiKey,
    NewApiKey,
    Organization,
    Scope,
    key_matches,
    key_prefix,
)

# A key in constant use is written to once in this time, not at each use.
_USE_NOTED_EVERY = timedelta(minutes=1)


class OrganizationRepository:
    """Keeps organizations, the schools they own and their API keys."""

    def __init__(
        self, connection: Connection, keyring: Keyring, history: HistoryRepository
    ) -> None:
        self._connection = connection
        self._keyring = keyring
        self._history = history

    def create(self, name: str, *, fictional: bool, now: datetime) -> Organization:
        """Add an organization with a data key of its own."""
        made = Organization(new_id(now), name, fictional, now)
        self._connection.execute(
            insert(organization).values(id=made.id, name=name, fictional=fictional, created_at=now)
        )
        _, wrapped = self._keyring.new_key(made.id)
        self._connection.execute(
            insert(organization_key).values(
                organization_id=made.id,
                master_key_id=wrapped.master_key_id,
                wrapped=wrapped.wrapped,
                created_at=now,
            )
        )
        return made

    def named(self, name: str) -> Organization | None:
        """Find an organization by its exact name."""
        return self._find(organization.c.name == name)

    def get(self, organization_id: UUID) -> Organization | None:
        """Find an organization."""
        return self._find(organization.c.id == organization_id)

    def all(self) -> tuple[Organization, ...]:
        """List all organizations by their names."""
        query = select(organization).order_by(organization.c.name, organization.c.id)
        return tuple(
            Organization(row.id, row.name, row.fictional, row.created_at)
            for row in self._connection.execute(query)
        )

    def claim_school(
        self, organization_id: UUID, unitid: int, *, takes_organic: bool, now: datetime
    ) -> None:
        """Give a school to an organization.

        Raises:
            ConflictError: when another organization has it.
        """
        self._history.touch(Subject(Configured.SCHOOL, unitid))
        claim = upsert(organization_school).values(
            unitid=unitid,
            organization_id=organization_id,
            takes_organic=takes_organic,
            claimed_at=now,
        )
        claimed = self._connection.execute(
            claim.on_conflict_do_update(
                index_elements=["unitid"],
                set_={"takes_organic": claim.excluded.takes_organic},
                where=organization_school.c.organization_id == organization_id,
            ).returning(organization_school.c.unitid)
        ).one_or_none()
        if claimed is None:
            raise ConflictError(f"school {unitid} belongs to another organization")

    def schools(self, organization_id: UUID) -> tuple[int, ...]:
        """List the schools of an organization."""
        query = select(organization_school.c.unitid).where(
            organization_school.c.organization_id == organization_id
        )
        return tuple(self._connection.scalars(query.order_by(organization_school.c.unitid)))

    def add_api_key(self, organization_id: UUID, key: NewApiKey, now: datetime) -> UUID:
        """Keep a new key's hash."""
        key_id = new_id(now)
        self._history.touch(Subject(Configured.API_KEY, key_id))
        self._connection.execute(
            insert(api_key).values(
                id=key_id,
                organization_id=organization_id,
                name=key.name,
                prefix=key.prefix,
                secret_hash=key.secret_hash,
                scopes=sorted(key.scopes),
                created_at=now,
                expires_at=key.expires_at,
            )
        )
        return key_id

    def api_key(self, presented: str, now: datetime) -> ApiKeyHolder | None:
        """Find whose key this is; None when it is unknown, expired or revoked."""
        prefix = key_prefix(presented)
        if prefix is None:
            return None
        query = select(api_key).where(api_key.c.prefix == prefix, api_key.c.revoked_at.is_(None))
        row = self._connection.execute(query).one_or_none()
        if row is None or not key_matches(presented, row.secret_hash) or _expired(row, now):
            return None
        self._note_use(row.id, now)
        return ApiKeyHolder(row.id, row.organization_id, frozenset(map(Scope, row.scopes)))

    def api_keys(self, organization_id: UUID) -> tuple[KeptApiKey, ...]:
        """List an organization's keys, newest first."""
        query = select(api_key).where(api_key.c.organization_id == organization_id)
        return tuple(
            KeptApiKey(
                id=row.id,
                name=row.name,
                prefix=row.prefix,
                scopes=frozenset(map(Scope, row.scopes)),
                created_at=row.created_at,
                expires_at=row.expires_at,
                revoked_at=row.revoked_at,
                last_used_at=row.last_used_at,
            )
            for row in self._connection.execute(query.order_by(api_key.c.id.desc()))
        )

    def end_api_key(self, key_id: UUID, at: datetime) -> None:
        """Let a key end at a moment, or at its own end where that comes first."""
        self._history.touch(Subject(Configured.API_KEY, key_id))
        self._connection.execute(
            update(api_key)
            .where(api_key.c.id == key_id)
            .values(expires_at=func.least(func.coalesce(api_key.c.expires_at, at), at))
        )

    def revoke_api_key(self, key_id: UUID, now: datetime) -> None:
        """End a key at once; the first end stands."""
        self._history.touch(Subject(Configured.API_KEY, key_id))
        self._connection.execute(
            update(api_key)
            .where(api_key.c.id == key_id)
            .values(revoked_at=func.coalesce(api_key.c.revoked_at, now))
        )

    def record_audit(
        self, actor: Actor, action: str, subject: str, detail: Mapping[str, Any], at: datetime
    ) -> None:
        """Write down who changed what; details hold no secret and no personal data."""
        self._history.said(actor, action, at)
        self._connection.execute(
            insert(audit).values(
                id=new_id(at),
                at=at,
                actor_kind=actor.kind.value,
                actor=actor.name,
                action=action,
                subject=subject,
                detail=dict(detail),
            )
        )

    def _find(self, which: ColumnElement[bool]) -> Organization | None:
        query = select(organization).where(which).order_by(organization.c.id).limit(1)
        row = self._connection.execute(query).one_or_none()
        return Organization(row.id, row.name, row.fictional, row.created_at) if row else None

    def _note_use(self, key_id: UUID, now: datetime) -> None:
        used = api_key.c.last_used_at
        stale = or_(used.is_(None), used < now - _USE_NOTED_EVERY)
        self._connection.execute(
            update(api_key).where(api_key.c.id == key_id, stale).values(last_used_at=now)
        )


def _expired(row: Row[Any], now: datetime) -> bool:
    return row.expires_at is not None and bool(row.expires_at <= now)
