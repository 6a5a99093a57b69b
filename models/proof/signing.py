"""Signs heads of chains, exports and packs, and checks signatures (Ed25519)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True)
class Signer:
    """A key that signs: its name, and 32 secret bytes."""

    key_id: str
    seed: bytes = field(repr=False)

    @property
    def public(self) -> bytes:
        """The 32 bytes that check what this key signs."""
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Sign a message; the same message always gives the same 64 bytes."""
        return self._key.sign(message)

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def signer_of(held: Sequence[Signer], keys: Sequence[bytes]) -> Signer:
    """The key that signs for a chain: a new one only from where a row of the chain names it.

    Args:
        held: the keys at hand, the newest first.
        keys: public keys that the chain names, the newest last.
    """
    return next((one for one in held if one.public in keys[-1:]), held[0])


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a public key made a signature of a message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
