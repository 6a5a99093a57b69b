"""Ports: keeps staff with what opens their accounts, and the sessions they have."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.domain.login_limits import Limit
from models.domain.staff import (
    Invitation,
    Lock,
    NewSession,
    Role,
    Staff,
    StaffSession,
    StaffStatus,
)


class StaffStore(Protocol):
    """Keeps staff; what opens an account is sealed under the account's own key."""

    def add(self, email: str, name: str, *, is_operator: bool, now: datetime) -> Staff:
        """Add somebody, invited.

        Raises:
            ConflictError: when somebody has that address.
        """
        ...

    def join(self, staff_id: UUID, organization_id: UUID, role: Role, now: datetime) -> None:
        """Give somebody a role in an organization, in place of the one they had."""
        ...

    def leave(self, staff_id: UUID, organization_id: UUID) -> None:
        """Take somebody out of an organization."""
        ...

    def all(self) -> tuple[Staff, ...]:
        """List everybody, oldest first."""
        ...

    def get(self, staff_id: UUID) -> Staff | None:
        """Find somebody."""
        ...

    def with_email(self, email: str) -> Staff | None:
        """Find somebody by their address, however it is capitalised."""
        ...

    def lock_of(self, staff_id: UUID) -> Lock | None:
        """Open what opens an account; None when nothing was set yet."""
        ...

    def set_lock(self, staff_id: UUID, lock: Lock) -> None:
        """Set password and secret, and let them log in; codes count from the start again."""
        ...

    def set_status(self, staff_id: UUID, status: StaffStatus) -> None:
        """Let somebody in, or keep them out."""
        ...

    def use_code(self, staff_id: UUID, step: int) -> bool:
        """Note that the code of a time step was used; False when it, or a later one, was before."""
        ...

    def invite(self, staff_id: UUID, invitation: Invitation, now: datetime) -> None:
        """Keep an invitation's hash; earlier ones of the same person that open no more end."""
        ...

    def invited(self, token_hash: bytes, now: datetime) -> Staff | None:
        """Find whom an invitation is for; None when it is unknown, used or over."""
        ...

    def accept_invitation(self, token_hash: bytes, now: datetime) -> bool:
        """Use an invitation up, and all others of its person; False when somebody did before."""
        ...

    def count_try(self, limit: Limit, now: datetime) -> bool:
        """Count a try to log in; False when its bucket is full."""
        ...

    def take_back_try(self, limit: Limit) -> None:
        """Count one try less: it was a login that succeeded."""
        ...

    def forget_tries(self, limit: Limit) -> None:
        """Empty a bucket, after a login that succeeded."""
        ...


class StaffSessionStore(Protocol):
    """Keeps staff's sessions, each sealed under a key of its own and named by its token's hash."""

    def begin(self, token_hash: str, new: NewSession) -> None:
        """Keep a new session."""
        ...

    def load(self, token_hash: str, now: datetime) -> StaffSession | None:
        """Read a session; None when there is none, or it is over, or its owner is not active."""
        ...

    def save(self, token_hash: str, data: bytes, now: datetime) -> None:
        """Keep a session's data and note the visit."""
        ...

    def touch(self, token_hash: str, now: datetime) -> None:
        """Note that they are still there."""
        ...

    def of(self, staff_id: UUID, now: datetime) -> tuple[StaffSession, ...]:
        """List somebody's sessions, newest first."""
        ...

    def rotate(self, token_hash: str, new_hash: str, session_id: UUID, data: bytes) -> None:
        """Let a session be opened by a new token, and by the old one no more."""
        ...

    def end(self, staff_id: UUID, session_id: UUID) -> bool:
        """End one session of somebody; False when they have no such session."""
        ...

    def end_all(self, staff_id: UUID, *, but: UUID | None = None) -> int:
        """End somebody's sessions, and tell how many."""
        ...

    def end_begun_by(self, organization_id: UUID, staff_id: UUID | None = None) -> int:
        """End the sessions that an organization's own sign-in began, and tell how many.

        ``staff_id``: somebody's alone.
        """
        ...

    def delete_over(self, now: datetime) -> int:
        """Delete the sessions that are over."""
        ...
