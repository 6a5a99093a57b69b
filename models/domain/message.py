"""Mail to a student, or to staff about an account: a row of its own, claimed as deliveries are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Template(StrEnum):
    """What a message is for."""

    CONFIRM_EMAIL = "confirm_email"
    RECEIPT = "receipt"


class StaffTemplate(StrEnum):
    """What a message to somebody on the staff is for."""

    INVITED = "invited"
    INVITED_AGAIN = "invited_again"
    JOINED = "joined"
    WAY_BACK = "way_back"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, repr=False)
class Receipt:
    """What a receipt says: ``agreed`` are the texts agreed to, word for word, in their order."""

    request_id: UUID
    created_at: datetime
    locale: str
    email: str
    agreed: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class NewMessage:
    """A message to be sent: the bytes of the mail, all but its From line, and when it is useless.

    It is sealed under the key of its request's student; it has no ``repr`` so that none is logged.
    """

    id: UUID
    request_id: UUID
    template: Template
    locale: str
    recipient: str
    content: bytes
    created_at: datetime
    lifetime: timedelta


@dataclass(frozen=True, slots=True, repr=False)
class NewStaffMessage:
    """A message to somebody on the staff, sealed under their account's key."""

    id: UUID
    staff_id: UUID
    template: StaffTemplate
    recipient: str
    content: bytes
    created_at: datetime
    lifetime: timedelta


# Why a message cannot be sent yet: the master key that opens it is not in the settings.
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, repr=False)
class HeldMessage:
    """A claimed message, opened; ``stop`` says why it must not be sent, where it must not."""

    id: UUID
    lease_token: int
    attempts: int
    expires_at: datetime
    recipient: str
    content: bytes
    stop: str | None
