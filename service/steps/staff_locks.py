"""Passwords and one-time codes: what opens an account, and how it is tried.

Argon2id as OWASP's cheat sheet sets it (19 MiB, two passes, one lane): eight threads of a web
worker that check a password each take 152 MiB.
"""

import hmac
import re
import unicodedata
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.domain.staff import CODE_SECONDS, LONGEST_PASSWORD, Lock
from service.steps.staff_passwords import normal

ISSUER = "schoolmatch"
# One step either way: clocks of telephones differ.
_STEPS = (0, -1, 1)
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Hash a password to be kept."""
    return _HASHER.hash(normal(password))


class Tried(NamedTuple):
    """What a try came to: whether the password fits, and the time step whose code it was."""

    right: bool
    step: int | None


def try_lock(lock: Lock | None, password: str, code: str, now: datetime) -> Tried:
    """Try a password and a code.

    Both are always tried, and an account without a lock is tried against one that nothing opens:
    what takes as long, tells nothing.
    """
    tried = lock or _nobodys()
    right = _verify(tried.password_hash, password)
    step = code_step(tried.totp_secret, code, now)
    return Tried(right and lock is not None, step if lock is not None else None)


def code_step(secret: str, code: str, now: datetime) -> int | None:
    """Find the time step whose code this is, of the present one and its neighbours."""
    digits = re.sub(r"\s", "", unicodedata.normalize("NFKC", code))
    totp = pyotp.TOTP(secret, interval=CODE_SECONDS)
    found = None
    for offset in _STEPS:
        moment = now + timedelta(seconds=offset * CODE_SECONDS)
        if hmac.compare_digest(totp.at(moment).encode(), digits.encode()):
            found = int(moment.timestamp()) // CODE_SECONDS
    return found


def new_secret() -> str:
    """Make a secret for one-time codes, 160 bits."""
    return pyotp.random_base32()


def code_now(secret: str, now: datetime) -> str:
    """Give the present code, for who has no telephone at hand in a demonstration."""
    return pyotp.TOTP(secret, interval=CODE_SECONDS).at(now)


def otpauth_uri(secret: str, email: str) -> str:
    """Write the address that authenticator apps read."""
    return pyotp.TOTP(secret, interval=CODE_SECONDS).provisioning_uri(
        name=email, issuer_name=ISSUER
    )


@cache
def _nobodys() -> Lock:
    return Lock(hash_password(new_secret()), new_secret())


def _verify(kept: str, password: str) -> bool:
    # Beyond this nobody could have set it; hashing it would only take time.
    tried = normal(password[: 4 * LONGEST_PASSWORD])
    try:
        return _HASHER.verify(kept, tried)
    except (VerificationError, InvalidHashError):
        return False
