"""Staff: who works for an organization or operates the service, and the locks on their door.

Everyone on the staff logs in with a password and a one-time code (TOTP, RFC 6238). An invitation
is the only way in: its link is shown once, holds a week, and sets both.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

# NIST SP 800-63B-4, 3.1.1.2: 15 characters where a password is the only factor, 8 where it never
# is. Here it never is: a code of the app or a recovery code is asked for with every use of it. At
# least 64 must be taken.
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
CODE_SECONDS = 30
INVITATION_HOLDS = timedelta(days=7)
WAY_BACK_HOLDS = timedelta(hours=1)
# A session ends half an hour after the last visit, and twelve hours after login in any case.
SESSION_IDLE = timedelta(minutes=30)
SESSION_LONGEST = timedelta(hours=12)


class Role(StrEnum):
    """What a member of an organization may do there; an admin may do all that a member may."""

    MEMBER = "member"
    ADMIN = "admin"


class StaffStatus(StrEnum):
    """Whether somebody can log in."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class Opens(StrEnum):
    """What a mailed link sets: all that opens an account, or its password alone."""

    ACCOUNT = "account"
    PASSWORD = "password"  # noqa: S105 - what is set, not one


@dataclass(frozen=True, slots=True)
class Membership:
    """Somebody's role in one organization."""

    organization_id: UUID
    organization_name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody as an organization's admins see them: nothing of what they are elsewhere."""

    staff_id: UUID
    email: str
    role: Role
    since: datetime
    entered_at: datetime | None
    subject: str | None


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody on the staff, without their secrets."""

    id: UUID
    email: str
    name: str
    is_operator: bool
    status: StaffStatus
    memberships: tuple[Membership, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Lock:
    """What opens an account; it has no ``repr`` so that none is logged."""

    password_hash: str
    totp_secret: str


@dataclass(frozen=True, slots=True, repr=False)
class Door:
    """An account as somebody who wants in finds it: whose, and what would open it, where it can."""

    staff_id: UUID
    lock: Lock | None


@dataclass(frozen=True, slots=True, repr=False)
class Invitation:
    """A new link by mail; ``token`` is shown once and never kept."""

    token: str
    token_hash: bytes
    expires_at: datetime
    opens: Opens = Opens.ACCOUNT


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that begins: whose, since when, until when at most, and from where.

    ``organization_id`` is whose own sign-in began it, None when it was ours.
    """

    id: UUID
    staff_id: UUID
    began_at: datetime
    ends_at: datetime
    data: bytes
    organization_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A session as kept; ``data`` is JSON, readable only while the session lives."""

    id: UUID
    staff_id: UUID
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    data: bytes
    organization_id: UUID | None = None


def make_invitation(
    now: datetime, randomness: Callable[[int], bytes] = secrets.token_bytes
) -> Invitation:
    """Make an invitation with a token of 256 bits."""
    token = urlsafe_b64encode(randomness(32)).rstrip(b"=").decode()
    return Invitation(token, hash_token(token), now + INVITATION_HOLDS)


def make_way_back(
    now: datetime, randomness: Callable[[int], bytes] = secrets.token_bytes
) -> Invitation:
    """Make a link that sets a new password."""
    made = make_invitation(now, randomness)
    return Invitation(made.token, made.token_hash, now + WAY_BACK_HOLDS, Opens.PASSWORD)


def hash_token(token: str) -> bytes:
    """Hash a random token as it is kept; a plain hash is enough for one of that size."""
    return hashlib.sha256(token.encode()).digest()


def mask(text: str) -> str:
    """Show that there is something, and how it begins: ``Zoë`` as ``Z…``."""
    return f"{text[:1]}…" if text else ""


def mask_email(email: str) -> str:
    """Show where mail would go and nobody's name: ``zoe@example.com`` as ``z…@example.com``."""
    local, _, domain = email.rpartition("@")
    return f"{mask(local)}@{domain}"
