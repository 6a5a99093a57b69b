"""Port: what stands around the accounts of staff: ways in, ways back, and whose people they are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.domain.identity import IdentityProvider
from models.domain.staff import Door, Invitation, Member, Role


class AccountStore(Protocol):
    """Keeps what stands around the accounts of staff."""

    def door(self, email: str) -> Door | None:
        """Find an account by its address, in one statement whether or not there is one.

        Nothing opens the account of who is not active, or has set none up.
        """
        ...

    def forget_lock(self, staff_id: UUID) -> None:
        """Forget what opens an account: nothing of ours does until it is set up anew."""
        ...

    def set_password(self, staff_id: UUID, password_hash: str) -> None:
        """Keep a new password; codes go on as before."""
        ...

    def set_codes_secret(self, staff_id: UUID, secret: str) -> None:
        """Keep a new secret of one-time codes; they count from the start again."""
        ...

    def opened_by(self, token_hash: bytes, now: datetime) -> Invitation | None:
        """Find what a link opens; None when it is unknown, used or over. It knows no token."""
        ...

    def renew_recovery_codes(self, staff_id: UUID, hashes: Sequence[bytes], now: datetime) -> None:
        """Keep new recovery codes; the earlier ones open nothing any more."""
        ...

    def recovery_code_opens(self, staff_id: UUID | None, code_hash: bytes) -> bool:
        """Tell whether it is an unused code of somebody; of nobody: it takes as long."""
        ...

    def use_recovery_code(self, staff_id: UUID, code_hash: bytes, now: datetime) -> bool:
        """Use a code up; False when it is not theirs, or was used before."""
        ...

    def recovery_codes_left(self, staff_id: UUID) -> int:
        """Count the codes that still open the account."""
        ...

    def ask_way_back(self, email: str, now: datetime) -> None:
        """Note that somebody asked for a new password, whether or not the address is known."""
        ...

    def take_ways_back(self, most: int) -> Sequence[tuple[UUID, str]]:
        """Take out some of what was asked for; return id and address of who has an account."""
        ...

    def members(self, organization_id: UUID) -> Sequence[Member]:
        """List an organization's people, by their address; they stay as they are until the end.

        Who may change them is decided by what is there: two who change them at once come one
        after the other.
        """
        ...

    def enter(self, staff_id: UUID, now: datetime, organization_id: UUID | None = None) -> None:
        """Note that somebody came in, for the organizations that had not seen them yet.

        ``organization_id``: whose own sign-in let them in; it speaks for no other.
        """
        ...

    def role_of(self, staff_id: UUID, organization_id: UUID) -> Role | None:
        """Tell somebody's role in an organization."""
        ...

    def bind_subject(self, staff_id: UUID, organization_id: UUID, subject: str) -> bool:
        """Keep who a member is to the organization's sign-in; False when it was somebody else."""
        ...


class IdentityProviderStore(Protocol):
    """Keeps organizations' own sign-ins."""

    def get(self, organization_id: UUID) -> IdentityProvider | None:
        """Read an organization's own sign-in."""
        ...

    def set(self, provider: IdentityProvider) -> None:
        """Keep an organization's own sign-in in place of the one before."""
        ...

    def remove(self, organization_id: UUID) -> bool:
        """Forget an organization's own sign-in, and who its people are to it."""
        ...
