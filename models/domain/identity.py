"""An organization's own sign-in (OpenID Connect Core 1.0): what is kept, and what counts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# RFC 8176. One that says so itself, or two kinds of factor: something known, held, or one is.
_SAYS_SO = frozenset({"mfa"})
_KNOWN = frozenset({"pwd", "pin", "kba"})
_HELD_OR_IS = frozenset(
    {"otp", "sms", "tel", "hwk", "swk", "sc", "face", "fpt", "iris", "retina", "vbm"}
)


@dataclass(frozen=True, slots=True, repr=False)
class IdentityProvider:
    """Who signs an organization's people in; it has no ``repr`` so that no secret is logged.

    ``promises_second_factor``: an admin of the organization stated that it always asks for one.
    """

    organization_id: UUID
    issuer: str
    client_id: str
    client_secret: str
    promises_second_factor: bool
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What an id token said, once it was verified."""

    subject: str
    email: str
    methods: frozenset[str]


def has_second_factor(methods: Collection[str], *, promised: bool) -> bool:
    """Tell whether two factors were asked for: as the token says, or as the organization promised.

    Args:
        methods: the token's ``amr``.
        promised: the organization's admin stated that its provider always asks for a second one.
    """
    used = frozenset(methods)
    return promised or bool(used & _SAYS_SO) or bool(used & _KNOWN and used & _HELD_OR_IS)
