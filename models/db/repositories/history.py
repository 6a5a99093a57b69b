"""Keeps what was changed of the configuration: noted while it is changed, written at the end."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, func, insert, select

from models.db.crypto import Keyring
from models.db.repositories.configured import read_snapshot
from models.db.tables.history import configuration_change
from models.domain.history import SYSTEM, Change, Configured, Snapshot, Subject, changed_secrets
from models.domain.ids import new_id
from models.domain.organization import Actor, ActorKind

_row = configuration_change.c


class HistoryRepository:
    """Keeps what was changed of the configuration; one for each transaction."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring
        self._before: dict[Subject, Snapshot | None] = {}
        self._said: tuple[Actor, str, datetime] | None = None
        self._takes_back: UUID | None = None

    def touch(self, subject: Subject) -> None:
        """Note how something stands, before it is changed; later calls do nothing."""
        if subject not in self._before:
            self._before[subject] = read_snapshot(self._connection, self._keyring, subject)

    def said(self, actor: Actor, action: str, at: datetime) -> None:
        """Note who does what, as the audit says; the last word of a transaction counts."""
        self._said = (actor, action, at)

    def takes_back(self, change_id: UUID) -> None:
        """Say that this transaction applies what held before that change."""
        self._takes_back = change_id

    def write(self) -> None:
        """Write what became of everything that was touched; what is as it was leaves no row."""
        for subject, before in self._before.items():
            after = read_snapshot(self._connection, self._keyring, subject)
            secrets = changed_secrets(before, after)
            if _document(before) != _document(after) or secrets:
                self._add(subject.kind, before, after, secrets)
        self._before.clear()

    def page(
        self,
        organization_id: UUID,
        *,
        kind: Configured | None = None,
        subject: str | None = None,
        before: UUID | None = None,
        most: int,
    ) -> tuple[Change, ...]:
        """List an organization's changes, the newest first, from the one after ``before``."""
        query = select(configuration_change).where(_row.organization_id == organization_id)
        if kind is not None:
            query = query.where(_row.kind == kind.value)
        if subject is not None:
            query = query.where(_row.subject == subject)
        if before is not None:
            cursor = configuration_change.alias()
            number = select(cursor.c.number).where(
                cursor.c.id == before, cursor.c.organization_id == organization_id
            )
            query = query.where(_row.number < number.scalar_subquery())
        rows = self._connection.execute(query.order_by(_row.number.desc()).limit(most))
        return tuple(map(_change, rows))

    def one(self, organization_id: UUID, change_id: UUID) -> Change | None:
        """Read a change; None when there is none or it is another organization's."""
        query = select(configuration_change).where(
            _row.id == change_id, _row.organization_id == organization_id
        )
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _change(row)

    def _add(
        self,
        kind: Configured,
        before: Snapshot | None,
        after: Snapshot | None,
        secrets: tuple[str, ...],
    ) -> None:
        there = after or before
        if there is None:
            return
        actor, action, at = self._who()
        self._connection.execute(
            insert(configuration_change).values(
                id=new_id(at),
                at=at,
                actor_kind=actor.kind.value,
                actor=actor.name,
                action=action,
                organization_id=there.organization_id,
                kind=kind.value,
                subject=there.shown,
                before=_document(before),
                after=_document(after),
                secrets=list(secrets),
                takes_back=self._takes_back,
            )
        )

    def _who(self) -> tuple[Actor, str, datetime]:
        if self._said is None:
            # Nobody asked for it: what a delivery came to.
            at = self._connection.execute(select(func.now())).scalar_one()
            self._said = (SYSTEM, SYSTEM.name, at)
        return self._said


def _document(snapshot: Snapshot | None) -> dict[str, Any] | None:
    return None if snapshot is None else dict(snapshot.document)


def _change(row: Row[Any]) -> Change:
    return Change(
        row.id,
        row.at,
        Actor(ActorKind(row.actor_kind), row.actor),
        row.action,
        row.organization_id,
        Configured(row.kind),
        row.subject,
        row.before,
        row.after,
        tuple(row.secrets),
        row.takes_back,
    )
