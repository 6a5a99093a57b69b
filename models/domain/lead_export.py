"""A table of leads, prepared: its link opens once, for who asked, for a quarter of an hour."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from models.domain.staff import hash_token

EXPORT_HOLDS = timedelta(minutes=15)


class Whose(NamedTuple):
    """Who asked, in which organization; nobody else's link opens."""

    organization_id: UUID
    staff_id: UUID


@dataclass(frozen=True, slots=True, repr=False)
class NewExport:
    """A new export; ``token`` is shown once and never kept."""

    token: str
    token_hash: bytes
    whose: Whose
    filters: Mapping[str, str]
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TakenExport:
    """An export whose link was opened: what it narrows to, of the leads until ``created_at``."""

    filters: Mapping[str, str]
    created_at: datetime


def new_export(
    whose: Whose,
    filters: Mapping[str, str],
    now: datetime,
    randomness: Callable[[int], bytes] = secrets.token_bytes,
) -> NewExport:
    """Make an export with a token of 256 bits."""
    token = urlsafe_b64encode(randomness(32)).rstrip(b"=").decode()
    return NewExport(token, hash_token(token), whose, filters, now, now + EXPORT_HOLDS)
