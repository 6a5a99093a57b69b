"""Feeds: a reader's cursor, and what stands at each place.

An organization may have several feed destinations, each with its own run of numbers, so a cursor
holds one number for each. Readers take it as it is: ``f1`` and base64 of 24 bytes a destination.
"""

import binascii
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.domain.errors import InvalidInputError
from models.domain.sending import DestinationTest, LeadFacts, StopReason

_FORM = "f1"
_ONE = struct.Struct(">16sQ")
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True, repr=False)
class FeedEntry:
    """What stands at one place of a feed, opened; it has no ``repr`` so that none is logged.

    ``body`` is what was frozen; None when there is no key to open it any more. ``stop`` says why
    its content must not be handed out (again), since ``stopped_at``.
    """

    destination_id: UUID
    sequence: int
    delivery_id: UUID
    body: bytes | None
    facts: LeadFacts | DestinationTest | None
    stop: StopReason | None
    stopped_at: datetime | None


def write_cursor(places: Mapping[UUID, int]) -> str:
    """Write a cursor: the last number seen of each destination."""
    packed = b"".join(_ONE.pack(each.bytes, places[each]) for each in sorted(places))
    return _FORM + urlsafe_b64encode(packed).rstrip(b"=").decode()


def read_cursor(cursor: str) -> dict[UUID, int]:
    """Read a cursor back.

    Raises:
        InvalidInputError: when it is none of ours.
    """
    coded = cursor.removeprefix(_FORM)
    try:
        packed = urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
        places = {UUID(bytes=one): number for one, number in _ONE.iter_unpack(packed)}
    except (binascii.Error, ValueError, struct.error):
        places = {}
    # Written back it must be the same: base64 has more than one spelling of some bytes.
    if any(n > _LARGEST for n in places.values()) or write_cursor(places) != cursor:
        raise InvalidInputError(
            {"cursor": ["Use a next_cursor as it came, or leave it out to begin again."]}
        )
    return places
