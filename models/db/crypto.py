"""Encryption at rest: a data key for each person and organization, wrapped by a master key.

AES-256-GCM throughout (NIST SP 800-38D): 12 random bytes of nonce, then the ciphertext with its
tag. Every ciphertext is bound, as associated data, to the table, column and row it belongs in, so
that one cannot be moved to stand for another.
"""

import hashlib
import hmac
import os
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.domain.errors import TamperedError

_NONCE = 12


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as stored: unreadable without the master key it names."""

    master_key_id: str
    wrapped: bytes


class DataKey:
    """Seals and opens the columns of one person or organization."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, table: str, column: str, row: UUID | str) -> bytes:
        """Encrypt for one place; the same bytes sealed twice differ."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, _place(table, column, row))

    def open(self, sealed: bytes, table: str, column: str, row: UUID | str) -> bytes:
        """Decrypt what was sealed for that place.

        Raises:
            TamperedError: when the bytes were changed or belong somewhere else.
        """
        try:
            return self._cipher.decrypt(
                sealed[:_NONCE], sealed[_NONCE:], _place(table, column, row)
            )
        except (InvalidTag, ValueError) as error:
            raise TamperedError(f"{table}.{column} of {row} cannot be opened") from error


class Keyring:
    """The master keys: makes data keys and unwraps them."""

    def __init__(self, masters: Mapping[str, bytes], index_key: bytes) -> None:
        self._masters = {name: DataKey(master) for name, master in masters.items()}
        self._index_key = index_key
        self.current = next(iter(masters))

    @property
    def names(self) -> list[str]:
        """The names of the master keys that are here."""
        return list(self._masters)

    def new_key(self, owner: UUID | str) -> tuple[DataKey, WrappedKey]:
        """Make a data key for its owner (a person, an organization, a session)."""
        key = AESGCM.generate_key(256)
        sealed = self._masters[self.current].seal(key, "key", "wrapped", owner)
        return DataKey(key), WrappedKey(self.current, sealed)

    def unwrap(self, wrapped: WrappedKey, owner: UUID | str) -> DataKey:
        """Read a data key back.

        Raises:
            TamperedError: when the master key is not here, or the bytes were changed.
        """
        return DataKey(self._opened(wrapped, owner))

    def rewrap(self, wrapped: WrappedKey, owner: UUID | str) -> WrappedKey:
        """Wrap a data key anew, by the master key that is used for new ones.

        What is sealed under the data key stays as it is.

        Raises:
            TamperedError: when the master key is not here, or the bytes were changed.
        """
        key = self._opened(wrapped, owner)
        return WrappedKey(
            self.current, self._masters[self.current].seal(key, "key", "wrapped", owner)
        )

    def blind_index(self, kind: str, value: str) -> bytes:
        """Hash an address so that it can be found again but not read (HMAC-SHA256)."""
        normal = unicodedata.normalize("NFKC", value).strip().lower()
        return hmac.digest(self._index_key, f"{kind}\0{normal}".encode(), hashlib.sha256)

    def _opened(self, wrapped: WrappedKey, owner: UUID | str) -> bytes:
        master = self._masters.get(wrapped.master_key_id)
        if master is None:
            raise TamperedError(f"master key {wrapped.master_key_id} is not in MASTER_KEYS")
        return master.open(wrapped.wrapped, "key", "wrapped", owner)


def check_value(master: bytes) -> str:
    """Tell a master key by 16 hex digits that give nothing of it away."""
    return hmac.digest(master, b"schoolmatch master key", hashlib.sha256)[:8].hex()


def _place(table: str, column: str, row: UUID | str) -> bytes:
    return f"{table}\0{column}\0{row}".encode()
