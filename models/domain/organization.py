"""Organizations: who has a contract with us, and the keys their systems come with.

An API key is shown once, as ``smk_<prefix>_<secret>``: the prefix finds the row, the secret has
256 bits, and only the SHA-256 of the whole is kept. A plain hash is enough for a random secret
of that size; it is compared in constant time.
"""

import hashlib
import hmac
import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

_PRESENTED = re.compile(r"smk_([a-z0-9]{12})_([A-Za-z0-9_-]{43})")
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


class Scope(StrEnum):
    """What an API key may do."""

    WRITE_DISPOSITIONS = "dispositions:write"
    READ_LEADS = "leads:read"


class ActorKind(StrEnum):
    """Who did something that the audit keeps."""

    STAFF = "staff"
    API_KEY = "api_key"
    COMMAND = "command"
    SYSTEM = "system"


class Actor(NamedTuple):
    """Who is doing it: a kind and a name, such as the system user of a command."""

    kind: ActorKind
    name: str


@dataclass(frozen=True, slots=True)
class Organization:
    """Who owns schools, keys, campaigns and destinations."""

    id: UUID
    name: str
    fictional: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKeyHolder:
    """Whom a presented key belongs to and what it may do."""

    key_id: UUID
    organization_id: UUID
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key just made; ``presented`` is shown once and never kept."""

    name: str
    scopes: frozenset[Scope]
    expires_at: datetime | None
    presented: str
    prefix: str
    secret_hash: bytes


@dataclass(frozen=True, slots=True)
class KeptApiKey:
    """A key as its organization's staff see it: everything but the secret."""

    id: UUID
    name: str
    prefix: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None

    def opens_at(self, now: datetime) -> bool:
        """Tell whether it may be used then."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


def make_api_key(
    name: str,
    scopes: Collection[Scope],
    *,
    expires_at: datetime | None = None,
    randomness: Callable[[int], bytes] = os.urandom,
) -> NewApiKey:
    """Make a key with a secret of 256 bits."""
    prefix = "".join(_LETTERS[byte & 31] for byte in randomness(12))
    secret = urlsafe_b64encode(randomness(32)).rstrip(b"=").decode()
    presented = f"smk_{prefix}_{secret}"
    return NewApiKey(name, frozenset(scopes), expires_at, presented, prefix, _hash(presented))


def key_prefix(presented: str) -> str | None:
    """Read the part of a presented key that finds its row; None when it is no key."""
    match = _PRESENTED.fullmatch(presented)
    return match[1] if match else None


def key_matches(presented: str, secret_hash: bytes) -> bool:
    """Compare a presented key with what was kept, in constant time."""
    return hmac.compare_digest(_hash(presented), secret_hash)


def _hash(presented: str) -> bytes:
    return hashlib.sha256(presented.encode()).digest()
