"""Identifiers: UUIDv7 (RFC 9562), shown to people with a prefix that says what they name.

A shown id is ``prefix_`` and 26 characters of Crockford base 32, the TypeID form: it sorts by
time, has no letters that look alike, and goes into a URL unescaped.
"""

import os
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

from models.domain.errors import UnknownIdError

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
# Crockford base 32, ten bits at a time.
PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_LENGTH = 26


class Prefix(StrEnum):
    """What a shown id names."""

    SEARCH = "sea"
    SLATE = "slt"
    REQUEST = "req"
    LEAD = "lead"
    CONSENT = "con"
    ORGANIZATION = "org"
    CAMPAIGN = "cmp"
    DESTINATION = "dst"
    DELIVERY = "dlv"
    DISPOSITION = "dsp"
    PUBLISHER = "pub"
    API_KEY = "key"
    STAFF = "stf"
    MESSAGE = "msg"
    SESSION = "ses"
    CLAIM = "clm"
    HIGHLIGHT = "hlt"
    TRAINING_RUN = "run"
    CHANGE = "chg"


def new_id(at: datetime, randomness: Callable[[int], bytes] = os.urandom) -> UUID:
    """Make a UUIDv7: 48 bits of milliseconds, then 74 random bits.

    Args:
        at: the moment to stamp, aware.
        randomness: gives that many random bytes; an input so that tests can repeat.
    """
    milliseconds = int(at.timestamp() * 1000)
    tail = int.from_bytes(randomness(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (tail >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | tail & (1 << 62) - 1
    return UUID(int=value)


def stamp_of(identifier: UUID) -> float:
    """Return the moment a UUIDv7 was stamped with, in seconds since 1970; forged ones say any."""
    return (identifier.int >> 80) / 1000


@lru_cache(maxsize=4096)
def show(prefix: Prefix, identifier: UUID) -> str:
    """Write an id as people and programs see it, such as ``req_01jd…``."""
    return f"{prefix}_{crockford(identifier.int, _LENGTH)}"


def crockford(number: int, letters: int) -> str:
    """Write a number in Crockford base 32, with an even number of letters."""
    shifts = range(5 * letters - 10, -1, -10)
    return "".join([PAIRS[number >> shift & 1023] for shift in shifts])


def read(prefix: Prefix, shown: str) -> UUID:
    """Read a shown id back.

    Raises:
        UnknownIdError: when the text is not an id with that prefix.
    """
    head, _, body = shown.rpartition("_")
    if head != prefix or len(body) != _LENGTH or not set(body) <= _VALUES.keys():
        raise UnknownIdError(prefix, shown)
    number = 0
    for letter in body:
        number = number << 5 | _VALUES[letter]
    if number >> 128:
        raise UnknownIdError(prefix, shown)
    return UUID(int=number)
