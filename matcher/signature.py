"""Signs what a folder holds, so that files nobody here made are refused (Ed25519)."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SIGNATURE = "signature"


def public_key(seed: bytes) -> bytes:
    """The 32 bytes that check what 32 secret bytes sign."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def signed(manifest: Mapping[str, Any], seed: bytes) -> dict[str, Any]:
    """Add a signature to a manifest; the same manifest and key always give the same."""
    made = Ed25519PrivateKey.from_private_bytes(seed).sign(_bytes(manifest))
    return {**manifest, SIGNATURE: base64.b64encode(made).decode()}


def is_signed(manifest: Mapping[str, Any], key: bytes) -> bool:
    """Tell whether a manifest carries the signature of a public key."""
    try:
        made = base64.b64decode(str(manifest.get(SIGNATURE, "")), validate=True)
        Ed25519PublicKey.from_public_bytes(key).verify(made, _bytes(manifest))
    except (InvalidSignature, ValueError):
        return False
    return True


def _bytes(manifest: Mapping[str, Any]) -> bytes:
    plain = {name: value for name, value in manifest.items() if name != SIGNATURE}
    return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
