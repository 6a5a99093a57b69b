"""Keeps staff, their roles and invitations, what opens their accounts, and tries to log in."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, and_, case, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from models.db.crypto import DataKey, Keyring, WrappedKey
from models.db.repositories.history import HistoryRepository
from models.db.tables.organizations import membership, organization, staff
from models.db.tables.staff import login_try, staff_invitation
from models.domain.errors import ConflictError, NotFoundError
from models.domain.history import Configured, Subject
from models.domain.ids import new_id
from models.domain.login_limits import Limit
from models.domain.staff import Invitation, Lock, Membership, Opens, Role, Staff, StaffStatus


class StaffRepository:
    """Keeps staff; what opens an account is sealed under the account's own key."""

    def __init__(
        self, connection: Connection, keyring: Keyring, history: HistoryRepository
    ) -> None:
        self._connection = connection
        self._keyring = keyring
        self._history = history

    def add(self, email: str, name: str, *, is_operator: bool, now: datetime) -> Staff:
        """Add somebody, invited.

        Raises:
            ConflictError: when somebody has that address.
        """
        made = Staff(new_id(now), email.strip().lower(), name, is_operator, StaffStatus.INVITED)
        _, wrapped = self._keyring.new_key(made.id)
        added = self._connection.execute(
            upsert(staff)
            .values(
                id=made.id,
                email=made.email,
                name=name,
                is_operator=is_operator,
                status=made.status.value,
                master_key_id=wrapped.master_key_id,
                wrapped=wrapped.wrapped,
                created_at=now,
            )
            .on_conflict_do_nothing(index_elements=["email"])
            .returning(staff.c.id)
        ).one_or_none()
        if added is None:
            raise ConflictError(f"{made.email} is on the staff already")
        return made

    def join(self, staff_id: UUID, organization_id: UUID, role: Role, now: datetime) -> None:
        """Give somebody a role in an organization, in place of the one they had."""
        self._history.touch(Subject(Configured.ROLE, staff_id, organization_id))
        joining = upsert(membership).values(
            staff_id=staff_id, organization_id=organization_id, role=role.value, created_at=now
        )
        self._connection.execute(
            joining.on_conflict_do_update(
                index_elements=["staff_id", "organization_id"], set_={"role": role.value}
            )
        )

    def leave(self, staff_id: UUID, organization_id: UUID) -> None:
        """Take somebody out of an organization."""
        self._history.touch(Subject(Configured.ROLE, staff_id, organization_id))
        theirs = and_(
            membership.c.staff_id == staff_id, membership.c.organization_id == organization_id
        )
        self._connection.execute(membership.delete().where(theirs))

    def all(self) -> tuple[Staff, ...]:
        """List everybody, oldest first."""
        rows = self._connection.execute(select(staff).order_by(staff.c.id)).all()
        return tuple(self._read(row) for row in rows)

    def get(self, staff_id: UUID) -> Staff | None:
        """Find somebody."""
        return self._find(staff.c.id == staff_id)

    def with_email(self, email: str) -> Staff | None:
        """Find somebody by their address, however it is capitalised."""
        return self._find(staff.c.email == email.strip().lower())

    def lock_of(self, staff_id: UUID) -> Lock | None:
        """Open what opens an account; None when nothing was set yet."""
        row = self._row(staff_id)
        if row.password_hash is None or row.totp_secret is None:
            return None
        secret = self._key(row).open(row.totp_secret, "staff", "totp_secret", row.id)
        return Lock(row.password_hash, secret.decode())

    def set_lock(self, staff_id: UUID, lock: Lock) -> None:
        """Set password and secret, and let them log in; codes count from the start again."""
        key = self._key(self._row(staff_id))
        sealed = key.seal(lock.totp_secret.encode(), "staff", "totp_secret", staff_id)
        self._connection.execute(
            update(staff)
            .where(staff.c.id == staff_id)
            .values(
                password_hash=lock.password_hash,
                totp_secret=sealed,
                totp_step=None,
                status=StaffStatus.ACTIVE.value,
            )
        )

    def set_status(self, staff_id: UUID, status: StaffStatus) -> None:
        """Let somebody in, or keep them out."""
        self._connection.execute(
            update(staff).where(staff.c.id == staff_id).values(status=status.value)
        )

    def use_code(self, staff_id: UUID, step: int) -> bool:
        """Note that the code of a time step was used; False when it, or a later one, was before."""
        unused = or_(staff.c.totp_step.is_(None), staff.c.totp_step < step)
        used = self._connection.execute(
            update(staff).where(staff.c.id == staff_id, unused).values(totp_step=step)
        )
        return used.rowcount == 1

    def invite(self, staff_id: UUID, invitation: Invitation, now: datetime) -> None:
        """Keep an invitation's hash; earlier ones of the same person that open no more end."""
        # Anybody may ask for a link that sets a password: it ends no invitation.
        ends = list(Opens) if invitation.opens is Opens.ACCOUNT else [invitation.opens]
        self._end_links(staff_id, ends, now)
        self._connection.execute(
            insert(staff_invitation).values(
                token_hash=invitation.token_hash,
                staff_id=staff_id,
                created_at=now,
                expires_at=invitation.expires_at,
                opens=invitation.opens.value,
            )
        )

    def invited(self, token_hash: bytes, now: datetime) -> Staff | None:
        """Find whom an invitation is for; None when it is unknown, used or over."""
        of = staff_invitation.c
        query = select(of.staff_id).where(
            of.token_hash == token_hash, of.used_at.is_(None), of.expires_at > now
        )
        staff_id: UUID | None = self._connection.scalar(query)
        found = None if staff_id is None else self.get(staff_id)
        return None if found is None or found.status is StaffStatus.DISABLED else found

    def accept_invitation(self, token_hash: bytes, now: datetime) -> bool:
        """Use an invitation up, and all others of its person; False when somebody did before."""
        of = staff_invitation.c
        open_still = and_(of.token_hash == token_hash, of.used_at.is_(None), of.expires_at > now)
        using = update(staff_invitation).where(open_still).values(used_at=now)
        whose: UUID | None = self._connection.scalar(using.returning(of.staff_id))
        if whose is not None:
            self._end_links(whose, Opens, now)
        return whose is not None

    def count_try(self, limit: Limit, now: datetime) -> bool:
        """Count a try to log in; False when its bucket is full."""
        over = login_try.c.window_ends <= now
        counting = upsert(login_try).values(
            bucket=limit.bucket, tries=1, window_ends=now + limit.window
        )
        tries = self._connection.execute(
            counting.on_conflict_do_update(
                index_elements=["bucket"],
                set_={
                    "tries": case((over, 1), else_=login_try.c.tries + 1),
                    "window_ends": case((over, now + limit.window), else_=login_try.c.window_ends),
                },
            ).returning(login_try.c.tries)
        ).scalar_one()
        return int(tries) <= limit.most

    def take_back_try(self, limit: Limit) -> None:
        """Count one try less: it was a login that succeeded."""
        self._connection.execute(
            update(login_try)
            .where(login_try.c.bucket == limit.bucket, login_try.c.tries > 0)
            .values(tries=login_try.c.tries - 1)
        )

    def forget_tries(self, limit: Limit) -> None:
        """Empty a bucket, after a login that succeeded."""
        self._connection.execute(login_try.delete().where(login_try.c.bucket == limit.bucket))

    def _end_links(self, staff_id: UUID, opening: Iterable[Opens], now: datetime) -> None:
        of = staff_invitation.c
        unused = and_(of.staff_id == staff_id, of.used_at.is_(None))
        these = of.opens.in_([each.value for each in opening])
        self._connection.execute(update(staff_invitation).where(unused, these).values(used_at=now))

    def _find(self, which: ColumnElement[bool]) -> Staff | None:
        row = self._connection.execute(select(staff).where(which)).one_or_none()
        return None if row is None else self._read(row)

    def _read(self, row: Row[tuple[object, ...]]) -> Staff:
        return Staff(
            id=row.id,
            email=row.email,
            name=row.name,
            is_operator=row.is_operator,
            status=StaffStatus(row.status),
            memberships=self._memberships(row.id),
        )

    def _memberships(self, staff_id: UUID) -> tuple[Membership, ...]:
        query = (
            select(membership.c.organization_id, membership.c.role, organization.c.name)
            .join(organization, organization.c.id == membership.c.organization_id)
            .where(membership.c.staff_id == staff_id)
            .order_by(organization.c.name, organization.c.id)
        )
        return tuple(
            Membership(row.organization_id, row.name, Role(row.role))
            for row in self._connection.execute(query)
        )

    def _row(self, staff_id: UUID) -> Row[tuple[object, ...]]:
        row = self._connection.execute(select(staff).where(staff.c.id == staff_id)).one_or_none()
        if row is None:
            raise NotFoundError(f"there is nobody {staff_id}")
        return row

    def _key(self, row: Row[tuple[object, ...]]) -> DataKey:
        return self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.id)
