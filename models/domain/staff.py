"""Staff: who works for an organization or operates the service, and the locks on their door.

Everyone on the staff logs in with a password and a one-time code (TOTP, RFC 6238). An invitation
is the only way in: its link is shown once, holds a week, and sets both.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

# NIST SP 800-63B-4: a password that is never the only factor has at least 8 characters, and at
# least 64 are taken.
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
CODE_SECONDS = 30
INVITATION_HOLDS = timedelta(days=7)
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


@dataclass(frozen=True, slots=True)
class Membership:
    """Somebody's role in one organization."""

    organization_id: UUID
    organization_name: str
    role: Role


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
class Invitation:
    """A new invitation; ``token`` is shown once and never kept."""

    token: str
    token_hash: bytes
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that begins: whose, since when, until when at most, and from where."""

    id: UUID
    staff_id: UUID
    began_at: datetime
    ends_at: datetime
    data: bytes


@dataclass(frozen=True, slots=True)
class StaffSession:
    """A session as kept; ``data`` is JSON, readable only while the session lives."""

    id: UUID
    staff_id: UUID
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    data: bytes


class Limit(NamedTuple):
    """At most that many wrong guesses in a time, counted in one bucket."""

    bucket: str
    most: int
    window: timedelta


def limits(email: str, address: str, device: str | None) -> tuple[Limit, ...]:
    """Say what a try to log in counts against.

    A guesser fills the buckets of their own address and of the account as seen from strangers'
    browsers. The real user is in neither: a browser that has logged in before counts alone.

    Args:
        email: as typed, known or not.
        address: where the try comes from.
        device: the mark of a browser that has logged in to this account before, else None.
    """
    if device is not None:
        return (Limit(_bucket("device", device), 10, timedelta(minutes=15)),)
    account = email.strip().lower()
    return (
        Limit(_bucket("pair", f"{account}\0{address}"), 5, timedelta(minutes=15)),
        Limit(_bucket("address", address), 30, timedelta(minutes=15)),
        # NIST SP 800-63B-4, 3.2.2: no more than 100 wrong guesses at an account.
        Limit(_bucket("account", account), 100, timedelta(hours=24)),
    )


def _bucket(kind: str, text: str) -> str:
    """Name a bucket; neither address nor account can be read from it."""
    digest = hashlib.sha256(f"{kind}\0{text}".encode()).hexdigest()
    return f"{kind}:{digest[:40]}"


def make_invitation(
    now: datetime, randomness: Callable[[int], bytes] = secrets.token_bytes
) -> Invitation:
    """Make an invitation with a token of 256 bits."""
    token = urlsafe_b64encode(randomness(32)).rstrip(b"=").decode()
    return Invitation(token, hash_token(token), now + INVITATION_HOLDS)


def hash_token(token: str) -> bytes:
    """Hash a random token as it is kept; a plain hash is enough for one of that size."""
    return hashlib.sha256(token.encode()).digest()


def device_mark(key: bytes, staff_id: UUID, nonce: str) -> str:
    """Sign what a browser keeps after a login, so that its next tries count alone."""
    digest = hmac.digest(key, b"device\0" + staff_id.bytes + nonce.encode(), hashlib.sha256)
    return f"{nonce}.{digest.hex()}"


def opens_as_device(key: bytes, staff_id: UUID, mark: str) -> bool:
    """Tell, in constant time, whether a mark was made for this account."""
    nonce = mark.partition(".")[0]
    return hmac.compare_digest(device_mark(key, staff_id, nonce).encode(), mark.encode())


def mask(text: str) -> str:
    """Show that there is something, and how it begins: ``Zoë`` as ``Z…``."""
    return f"{text[:1]}…" if text else ""


def mask_email(email: str) -> str:
    """Show where mail would go and nobody's name: ``zoe@example.com`` as ``z…@example.com``."""
    local, _, domain = email.rpartition("@")
    return f"{mask(local)}@{domain}"
