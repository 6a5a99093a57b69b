"""Whether a student has shown that the e-mail address is theirs, and campaigns that ask for it.

A lead of such a campaign waits for its student: it holds its place under caps, and no school gets
it before the link in the mail was opened. When the time is over it expires.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Verification(StrEnum):
    """What is known of a lead's e-mail address, and what a campaign asks for."""

    NONE = "none"
    EMAIL_CONFIRMED = "email_confirmed"


# Most who confirm do so within minutes; some read mail once a day.
CONFIRM_WITHIN = timedelta(hours=48)
# Each address that a request had gets one; nobody is to mail strangers through us by corrections.
MOST_CONFIRM_MAILS = 3


class ConfirmationState(StrEnum):
    """Where a request's confirmation stands."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    TOO_LATE = "too_late"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A request's confirmation: its state, until when it is open, and which schools wait.

    ``address`` is the blind index of the address to be confirmed; ``mails`` how many links were
    mailed for the request.
    """

    request_id: UUID
    state: ConfirmationState
    until: datetime | None
    school_names: tuple[str, ...]
    address: bytes = b""
    mails: int = 0
