"""Keeps highlights and what operators decided."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from models.db.repositories.history import HistoryRepository
from models.db.tables.approvals import decision, highlight
from models.db.tables.organizations import organization, organization_school
from models.domain.approval import Decision, DecisionKind, Verdict
from models.domain.errors import ConflictError, NotFoundError
from models.domain.highlight import Highlight, HighlightKind, HighlightStatus
from models.domain.history import Configured, Subject
from models.domain.ids import Prefix, show
from models.domain.organization import Actor, ActorKind

_of = highlight.c


class ApprovalRepository:
    """Keeps highlights and decisions."""

    def __init__(self, connection: Connection, history: HistoryRepository) -> None:
        self._connection = connection
        self._history = history

    def add(self, made: Highlight) -> None:
        """Keep a new highlight.

        Raises:
            ConflictError: when the same stands or waits already.
        """
        self._history.touch(Subject(Configured.HIGHLIGHT, made.id))
        added = self._connection.execute(
            insert(highlight)
            .values(
                id=made.id,
                organization_id=made.organization_id,
                unitid=made.unitid,
                cip=made.cip,
                kind=made.kind.value,
                words=made.words,
                flags=list(made.flags),
                status=made.status.value,
                created_at=made.created_at,
                created_by=made.created_by,
                replaces=made.replaces,
            )
            .on_conflict_do_nothing()
            .returning(_of.id)
        ).one_or_none()
        if added is None:
            raise ConflictError("the same highlight stands or waits already")

    def of(self, organization_id: UUID) -> tuple[Highlight, ...]:
        """List an organization's highlights, newest first."""
        theirs = _highlights().where(_of.organization_id == organization_id)
        return self._read(theirs.order_by(_of.created_at.desc(), _of.id))

    def waiting(self) -> tuple[Highlight, ...]:
        """List what waits for an operator, oldest first."""
        pending = _highlights().where(_of.status == HighlightStatus.PENDING.value)
        return self._read(pending.order_by(_of.created_at, _of.id))

    def standing(self) -> tuple[Highlight, ...]:
        """List what is shown: approved, of schools that are still their organization's."""
        owned = organization_school.c
        shown = (
            _highlights()
            .join(
                organization_school,
                (owned.unitid == _of.unitid) & (owned.organization_id == _of.organization_id),
            )
            .where(_of.status == HighlightStatus.APPROVED.value)
        )
        return self._read(shown.order_by(_of.unitid, _of.created_at, _of.id))

    def get(self, highlight_id: UUID) -> Highlight:
        """Return a highlight, locked until the end of the transaction.

        Raises:
            NotFoundError: when there is none.
        """
        query = _highlights().where(_of.id == highlight_id).with_for_update(of=highlight)
        found = self._read(query)
        if not found:
            raise NotFoundError(f"there is no highlight {show(Prefix.HIGHLIGHT, highlight_id)}")
        return found[0]

    def move(self, highlight_id: UUID, status: HighlightStatus) -> None:
        """Give a highlight another status."""
        self._history.touch(Subject(Configured.HIGHLIGHT, highlight_id))
        self._connection.execute(
            update(highlight).where(_of.id == highlight_id).values(status=status.value)
        )

    def decide(self, made: Decision) -> None:
        """Keep a decision."""
        self._connection.execute(
            insert(decision).values(
                at=made.at,
                kind=made.kind.value,
                subject=made.subject,
                what=made.what,
                verdict=made.verdict.value,
                actor_kind=made.actor.kind.value,
                actor=made.actor.name,
                reason=made.reason,
                fingerprint=made.fingerprint,
                organization_id=made.organization_id,
            )
        )

    def decisions(self, most: int) -> tuple[Decision, ...]:
        """List what was decided, newest first."""
        newest = select(decision).order_by(decision.c.number.desc()).limit(most)
        return tuple(map(_decision, self._connection.execute(newest)))

    def reasons(self, organization_id: UUID) -> Mapping[str, str]:
        """Read what operators said of an organization's highlights, by shown id: the last."""
        query = select(decision.c.subject, decision.c.reason).where(
            decision.c.kind == DecisionKind.HIGHLIGHT.value,
            decision.c.organization_id == organization_id,
            decision.c.reason != "",
        )
        rows = self._connection.execute(query.order_by(decision.c.number))
        return {row.subject: row.reason for row in rows}

    def texts(self) -> Mapping[str, Decision]:
        """Read the newest decision about each version and language of texts, by subject."""
        subject = decision.c.subject
        newest = (
            select(decision)
            .where(decision.c.kind == DecisionKind.TEXTS.value)
            .ext(distinct_on(subject))
            .order_by(subject, decision.c.number.desc())
        )
        return {row.subject: _decision(row) for row in self._connection.execute(newest)}

    def _read(self, query: Select[Any]) -> tuple[Highlight, ...]:
        return tuple(map(_highlight, self._connection.execute(query)))


def _highlights() -> Select[Any]:
    return select(highlight, organization.c.name.label("organization_name")).join(
        organization, organization.c.id == _of.organization_id
    )


def _highlight(row: Row[Any]) -> Highlight:
    return Highlight(
        id=row.id,
        organization_id=row.organization_id,
        organization_name=row.organization_name,
        unitid=row.unitid,
        cip=row.cip,
        kind=HighlightKind(row.kind),
        words=row.words,
        flags=tuple(row.flags),
        status=HighlightStatus(row.status),
        created_at=row.created_at,
        created_by=row.created_by,
        replaces=row.replaces,
    )


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        at=row.at,
        kind=DecisionKind(row.kind),
        subject=row.subject,
        what=row.what,
        verdict=Verdict(row.verdict),
        actor=Actor(ActorKind(row.actor_kind), row.actor),
        reason=row.reason,
        fingerprint=row.fingerprint,
        organization_id=row.organization_id,
    )
