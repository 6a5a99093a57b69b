"""Keeps what stands around the accounts of staff: ways in, ways back, and whose people they are."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from models.db.crypto import Keyring, WrappedKey
from models.db.tables.organizations import membership, staff
from models.db.tables.staff import staff_invitation, staff_recovery_code, staff_way_back
from models.domain.staff import Door, Invitation, Lock, Member, Opens, Role, StaffStatus

_NOBODY = UUID(int=0)
_codes = staff_recovery_code.c
# An ask is taken out whoever it is for; the address is compared as it was typed, and never kept.
_TAKE = text("""
    WITH asked AS (
      DELETE FROM staff_way_back WHERE email_hash IN (
        SELECT email_hash FROM staff_way_back ORDER BY asked_at LIMIT :most
        FOR UPDATE SKIP LOCKED)
      RETURNING email_hash)
    SELECT s.id, s.email FROM staff s
    JOIN asked a ON a.email_hash = sha256(convert_to(s.email, 'UTF8'))
    WHERE s.status = 'active' AND s.password_hash IS NOT NULL
""")


class AccountRepository:
    """Keeps what stands around the accounts of staff."""

    def __init__(self, connection: Connection, keyring: Keyring) -> None:
        self._connection = connection
        self._keyring = keyring

    def door(self, email: str) -> Door | None:
        """Find an account by its address, in one statement whether or not there is one."""
        query = select(
            staff.c.id,
            staff.c.status,
            staff.c.password_hash,
            staff.c.totp_secret,
            staff.c.master_key_id,
            staff.c.wrapped,
        ).where(staff.c.email == email.strip().lower())
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        if row.status != StaffStatus.ACTIVE.value or None in {row.password_hash, row.totp_secret}:
            return Door(row.id, None)
        key = self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), row.id)
        secret = key.open(row.totp_secret, "staff", "totp_secret", row.id)
        return Door(row.id, Lock(row.password_hash, secret.decode()))

    def forget_lock(self, staff_id: UUID) -> None:
        """Forget what opens an account: nothing of ours does until it is set up anew."""
        forgetting = update(staff).where(staff.c.id == staff_id)
        self._connection.execute(forgetting.values(password_hash=None, totp_secret=None))

    def set_password(self, staff_id: UUID, password_hash: str) -> None:
        """Keep a new password; codes go on as before."""
        changing = update(staff).where(staff.c.id == staff_id)
        self._connection.execute(changing.values(password_hash=password_hash))

    def set_codes_secret(self, staff_id: UUID, secret: str) -> None:
        """Keep a new secret of one-time codes; they count from the start again."""
        of = select(staff.c.master_key_id, staff.c.wrapped).where(staff.c.id == staff_id)
        row = self._connection.execute(of).one()
        key = self._keyring.unwrap(WrappedKey(row.master_key_id, row.wrapped), staff_id)
        sealed = key.seal(secret.encode(), "staff", "totp_secret", staff_id)
        changing = update(staff).where(staff.c.id == staff_id)
        self._connection.execute(changing.values(totp_secret=sealed, totp_step=None))

    def opened_by(self, token_hash: bytes, now: datetime) -> Invitation | None:
        """Find what a link opens; None when it is unknown, used or over."""
        of = staff_invitation.c
        query = select(of.expires_at, of.opens).where(
            of.token_hash == token_hash, of.used_at.is_(None), of.expires_at > now
        )
        row = self._connection.execute(query).one_or_none()
        return Invitation("", token_hash, row.expires_at, Opens(row.opens)) if row else None

    def renew_recovery_codes(self, staff_id: UUID, hashes: Sequence[bytes], now: datetime) -> None:
        """Keep new recovery codes; the earlier ones open nothing any more."""
        self._connection.execute(
            delete(staff_recovery_code).where(_codes.staff_id == staff_id, _codes.used_at.is_(None))
        )
        rows = [{"code_hash": each, "staff_id": staff_id, "created_at": now} for each in hashes]
        self._connection.execute(insert(staff_recovery_code), rows)

    def recovery_code_opens(self, staff_id: UUID | None, code_hash: bytes) -> bool:
        """Tell whether it is an unused code of somebody; of nobody: it takes as long."""
        query = select(func.count()).where(_unused(staff_id or _NOBODY, code_hash))
        return bool(self._connection.scalar(query))

    def use_recovery_code(self, staff_id: UUID, code_hash: bytes, now: datetime) -> bool:
        """Use a code up; False when it is not theirs, or was used before."""
        using = update(staff_recovery_code).where(_unused(staff_id, code_hash)).values(used_at=now)
        return self._connection.execute(using).rowcount == 1

    def recovery_codes_left(self, staff_id: UUID) -> int:
        """Count the codes that still open the account."""
        mine = and_(_codes.staff_id == staff_id, _codes.used_at.is_(None))
        return int(self._connection.scalar(select(func.count()).where(mine)) or 0)

    def ask_way_back(self, email: str, now: datetime) -> None:
        """Note that somebody asked for a new password, whether or not the address is known."""
        hashed = func.sha256(func.convert_to(email.strip().lower(), "UTF8"))
        asking = upsert(staff_way_back).values(email_hash=hashed, asked_at=now)
        self._connection.execute(asking.on_conflict_do_nothing())

    def take_ways_back(self, most: int) -> Sequence[tuple[UUID, str]]:
        """Take out some of what was asked for; return id and address of who has an account."""
        return [(row.id, row.email) for row in self._connection.execute(_TAKE, {"most": most})]

    def members(self, organization_id: UUID) -> Sequence[Member]:
        """List an organization's people, by their address; locked until the end."""
        of = membership.c
        query = (
            select(of.staff_id, staff.c.email, of.role, of.created_at, of.entered_at, of.subject)
            .join(staff, staff.c.id == of.staff_id)
            .where(of.organization_id == organization_id)
            .order_by(staff.c.email)
            .with_for_update(of=membership)
        )
        return [
            Member(
                row.staff_id, row.email, Role(row.role), row.created_at, row.entered_at, row.subject
            )
            for row in self._connection.execute(query)
        ]

    def enter(self, staff_id: UUID, now: datetime, organization_id: UUID | None = None) -> None:
        """Note that somebody came in, for the organizations that had not seen them yet."""
        new = and_(membership.c.staff_id == staff_id, membership.c.entered_at.is_(None))
        if organization_id is not None:
            new = and_(new, membership.c.organization_id == organization_id)
        self._connection.execute(update(membership).where(new).values(entered_at=now))

    def role_of(self, staff_id: UUID, organization_id: UUID) -> Role | None:
        """Tell somebody's role in an organization."""
        query = select(membership.c.role).where(_of(staff_id, organization_id))
        role: str | None = self._connection.scalar(query)
        return None if role is None else Role(role)

    def bind_subject(self, staff_id: UUID, organization_id: UUID, subject: str) -> bool:
        """Keep who a member is to the organization's sign-in; False when it was somebody else."""
        subject_now = func.coalesce(membership.c.subject, subject)
        binding = update(membership).where(_of(staff_id, organization_id), subject_now == subject)
        return self._connection.execute(binding.values(subject=subject)).rowcount == 1


def _unused(staff_id: UUID, code_hash: bytes) -> ColumnElement[bool]:
    return and_(
        _codes.code_hash == code_hash, _codes.staff_id == staff_id, _codes.used_at.is_(None)
    )


def _of(staff_id: UUID, organization_id: UUID) -> ColumnElement[bool]:
    return and_(membership.c.staff_id == staff_id, membership.c.organization_id == organization_id)
