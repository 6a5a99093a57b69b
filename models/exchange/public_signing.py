"""Signatures with a public key: ``v1a`` of Standard Webhooks, Ed25519 over ``id.timestamp.body``.

Who checks them holds no secret: a key that leaks from a school's system forges nothing.
"""

import base64
import binascii
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_PRIVATE, _PUBLIC = "whsk_", "whpk_"
# The seed alone, or with the public key after it, as NaCl keeps it.
_SEED, _WITH_PUBLIC = 32, 64


def make_key_pair(seed: bytes) -> tuple[str, str]:
    """Return a private key (``whsk_``) and its public one (``whpk_``), as shown.

    Args:
        seed: 32 random bytes; an input so that tests can repeat.
    """
    private = f"{_PRIVATE}{base64.b64encode(seed).decode()}"
    return private, public_key(private)


def public_key(shown: str) -> str:
    """Return the public key (``whpk_``) of a private one.

    Raises:
        ValueError: with what to do.
    """
    raw = read_private_key(shown).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"{_PUBLIC}{base64.b64encode(raw).decode()}"


@lru_cache(maxsize=256)
def read_private_key(shown: object) -> Ed25519PrivateKey:
    """Decode a private key as shown: ``whsk_`` and base64 of 32 or 64 bytes.

    Raises:
        ValueError: with what to do.
    """
    if not isinstance(shown, str) or not shown.startswith(_PRIVATE):
        raise ValueError(f"A private key starts with {_PRIVATE}.")
    try:
        raw = base64.b64decode(shown.removeprefix(_PRIVATE), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"A private key is {_PRIVATE} and base64.") from error
    if len(raw) not in {_SEED, _WITH_PUBLIC}:
        raise ValueError("A private key has 32 bytes, or 64 with its public key after it.")
    key = Ed25519PrivateKey.from_private_bytes(raw[:_SEED])
    own = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    if len(raw) == _WITH_PUBLIC and raw[_SEED:] != own:
        raise ValueError("The public key after this private one belongs to another.")
    return key


def sign_publicly(message_id: str, timestamp: int, body: bytes, shown: str) -> str:
    """Write the ``v1a`` signature of a message.

    Args:
        message_id: what ``webhook-id`` says.
        timestamp: seconds since 1970, as ``webhook-timestamp`` says.
        body: the bytes that leave.
        shown: the private key.
    """
    signature = read_private_key(shown).sign(f"{message_id}.{timestamp}.".encode() + body)
    return f"v1a,{base64.b64encode(signature).decode()}"
