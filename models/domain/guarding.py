"""Telling people from programs that send forms, so that no person is ever turned away.

Three things stand beside a form that is sent: a **mark**, signed when the page was first drawn and
bound to one draft; an **answer** to it, worked out by the browser while its student reads; and
counts of what was sent lately. Nothing here says no: whoever seems odd is shown the page again,
waits a minute, or opens a link that is mailed to them.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

# As long as a consent text offered with a slate holds: an older page shows other words.
MARK_LIFE = timedelta(hours=24)
# A page sent again by a browser that got no answer is nothing odd; one sent for ever is.
MOST_USES = 5
# Quick ones of one address in an hour: whoever asks a second school has little to read.
MOST_QUICK = 5
# A clock of another machine may be a little behind the one that drew the page.
_AHEAD = timedelta(minutes=1)
_MARK = re.compile(r"([0-9]{13})\.([0-9a-f]{16})\.([0-9a-f]{64})")
_ANSWER = re.compile(r"[0-9a-z]{1,16}")


class Subject(StrEnum):
    """Of what requests are counted."""

    ADDRESS = "address"
    EMAIL = "email"
    SCHOOL = "school"


@dataclass(frozen=True, slots=True)
class SendingLimit:
    """How many requests are ordinary: more ``a_minute`` wait, more ``an_hour`` want proof.

    Nobody waits for a school that many others ask: there more ``a_minute`` want proof too.
    """

    a_minute: int
    an_hour: int


@dataclass(frozen=True, slots=True)
class GuardRules:
    """What an installation asks of a form that is sent; all of it can be set to nothing.

    ``seconds``: sooner than this after the page was drawn is quick. ``proof_bits``: zero bits that
    an answer must find, 2 ** bits tries on average; 0: no answer is asked for or taken.
    """

    seconds: int = 0
    proof_bits: int = 0
    limits: Mapping[Subject, SendingLimit] = field(default_factory=dict)


class Verdict(StrEnum):
    """What becomes of a form that is sent."""

    PASS = "pass"  # noqa: S105 - no password
    CONFIRM = "confirm"
    QUICK = "quick"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of a form that is sent; ``uses`` of its mark and ``quick`` ones count this."""

    opened_at: datetime | None
    now: datetime
    proven: bool
    uses: int
    quick: int
    over_limit: bool


def judge(seen: Seen) -> Verdict:
    """Decide what becomes of a form: by its mark, its speed, its answer and what came before."""
    if seen.opened_at is None:
        return Verdict.STALE
    if seen.proven:
        return Verdict.PASS
    if seen.quick > MOST_QUICK:
        return Verdict.QUICK
    return Verdict.CONFIRM if seen.over_limit or seen.uses > MOST_USES else Verdict.PASS


def make_mark(secret: bytes, key: str, opened_at: datetime, randomness: bytes) -> str:
    """Write the mark of a page.

    Args:
        secret: signs it.
        key: the draft that the page shows.
        opened_at: when it was first drawn.
        randomness: eight bytes, so that each page has a puzzle of its own.
    """
    said = f"{int(opened_at.timestamp() * 1000):013}.{randomness.hex()}"
    return f"{said}.{_sign(secret, key, said)}"


def opened_at(secret: bytes, key: str, mark: str, now: datetime) -> datetime | None:
    """Tell when a page was first drawn; None: its mark is not ours, another draft's, or too old."""
    found = _MARK.fullmatch(mark)
    if found is None:
        return None
    said = f"{found[1]}.{found[2]}"
    if not hmac.compare_digest(found[3], _sign(secret, key, said)):
        return None
    at = datetime.fromtimestamp(int(found[1]) / 1000, now.tzinfo)
    return at if -_AHEAD <= now - at <= MARK_LIFE else None


def answers(mark: str, answer: str, bits: int) -> bool:
    """Tell whether the work was done that a mark asks for: a SHA-256 that begins with zero bits."""
    if not bits or _ANSWER.fullmatch(answer) is None:
        return False
    digest = hashlib.sha256(f"{mark}:{answer}".encode()).digest()
    return int.from_bytes(digest) >> (256 - bits) == 0


def _sign(secret: bytes, key: str, said: str) -> str:
    return hmac.digest(secret, f"form\0{key}\0{said}".encode(), hashlib.sha256).hex()
