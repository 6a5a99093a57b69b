"""Chains that prove what was kept: consents and audit rows, each in an order that was sealed.

The sealer gives rows their sequence, link and head after they were committed, never before
(``models.proof.chain`` says how they are made and checked).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class Chain(StrEnum):
    """What is chained."""

    CONSENT = "consent"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Tip:
    """The last row of a chain, and the public keys it knows, oldest first."""

    sequence: int
    link: bytes
    keys: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A row that has no place yet: its id, and what of it is public."""

    id: UUID
    public: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A row's place; ``signature`` where its link is a head."""

    id: UUID
    sequence: int
    link: bytes
    signature: bytes | None = None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A row that says which key signs from there on; ``endorsement`` by the key before."""

    sequence: int
    key_id: str
    public: bytes
    public_row: Mapping[str, Any]
    link: bytes
    signature: bytes
    endorsement: bytes | None


@dataclass(frozen=True, slots=True)
class Commitments:
    """What became of opening consents: whether each is what was committed to.

    ``erased``: its person's key was shredded. ``locked``: its master key is not here.
    """

    opened: int
    erased: int
    locked: int
    wrong: tuple[UUID, ...]
