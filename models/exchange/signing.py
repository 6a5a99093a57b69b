"""Signatures by Standard Webhooks: HMAC-SHA256 over ``id.timestamp.body``.

Our own few lines and not the library's ``sign``: that one mis-signs aware datetimes outside UTC,
and takes text where the bytes that leave are what must be signed. Tests check against the library.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Sequence
from functools import lru_cache

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64
# How far a message's time may be from ours, in seconds: what is older may be a copy.
TOLERANCE = 300
_DIGITS = 12


def make_key(randomness: Callable[[int], bytes]) -> str:
    """Make a signing key of 192 bits, as it is shown."""
    return _PREFIX + base64.b64encode(randomness(_SHORTEST)).decode()


def read_key(shown: object) -> bytes:
    """Decode a signing key as shown: ``whsec_`` and base64 of 24 to 64 bytes.

    Raises:
        ValueError: with what to do.
    """
    if not isinstance(shown, str) or not shown.startswith(_PREFIX):
        raise ValueError(f"A signing key starts with {_PREFIX}.")
    try:
        key = base64.b64decode(shown.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"A signing key is {_PREFIX} and base64.") from error
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"A signing key has {_SHORTEST} to {_LONGEST} bytes.")
    return key


@lru_cache(maxsize=256)
def _kept_key(shown: str) -> bytes:
    return read_key(shown)


def sign(message_id: str, timestamp: int, body: bytes, keys: Sequence[str]) -> str:
    """Write the ``webhook-signature`` header: one ``v1`` signature a key, space separated.

    Args:
        message_id: what ``webhook-id`` says.
        timestamp: seconds since 1970, as ``webhook-timestamp`` says.
        body: the bytes that leave.
        keys: live signing keys as shown, newest first.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    digests = [hmac.digest(_kept_key(key), signed, hashlib.sha256) for key in keys]
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def verified(
    message: tuple[str, str, bytes], signatures: str, keys: Sequence[str], now: float
) -> bool:
    """Tell whether a message was signed with one of the keys, a short while ago.

    Args:
        message: what ``webhook-id`` and ``webhook-timestamp`` say, and the body's bytes.
        signatures: the ``webhook-signature`` header.
        keys: live signing keys as shown.
        now: seconds since 1970.
    """
    message_id, timestamp, body = message
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < _DIGITS):
        return False
    if not message_id or abs(now - int(timestamp)) > TOLERANCE:
        return False
    expected = [sign(message_id, int(timestamp), body, [key]) for key in keys]
    given = [one for one in signatures.split(" ") if one.isascii()]
    return any(hmac.compare_digest(one, right) for one in given for right in expected)
