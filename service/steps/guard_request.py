"""Looking at a form before it is accepted: may it pass, and must its student open a link first?"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.domain.errors import RateLimitError
from models.domain.guarding import (
    MARK_LIFE,
    MOST_USES,
    Seen,
    SendingLimit,
    Subject,
    Verdict,
    answers,
    judge,
    make_mark,
    opened_at,
)
from service.figures import SENDINGS
from service.services import Counted, Services

_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True, repr=False)
class Sending:
    """A form that is sent: its draft's key, its mark and answer, whose it is and whom it is for."""

    key: str
    mark: str
    answer: str
    address: str
    email: str
    unitids: Collection[int]


def mark_of(services: Services, key: str, before: str = "") -> str:
    """Write the mark of a draft's page; the time of one it had before goes on.

    Args:
        services: what the step leans on.
        key: the draft's.
        before: the mark that was sent with the page that is drawn again.
    """
    now = services.clock.now()
    since = opened_at(services.secret_key, key, before, now) or now
    return make_mark(services.secret_key, key, since, services.randomness(8))


def guard_request(services: Services, sent: Sending) -> Verdict:
    """Say what becomes of a form that is sent, and count it.

    Raises:
        RateLimitError: when more came within a minute than any person sends.
    """
    rules, now = services.guard, services.clock.now()
    since = opened_at(services.secret_key, sent.key, sent.mark, now)
    hurried = since is not None and now - since < timedelta(seconds=rules.seconds)
    limited = list(_limited(services, sent))
    things = [
        Counted(f"mark\0{sent.mark}", int(MARK_LIFE.total_seconds())),
        *([Counted(f"quick\0{sent.address}", _HOUR)] if hurried else []),
        *(Counted(name, seconds) for name, _ in limited for seconds in (_MINUTE, _HOUR)),
    ]
    counts = list(services.counts.count(things))
    uses, quick = counts[0], counts[1] if hurried else 0
    rest = counts[2 if hurried else 1 :]
    pairs = list(zip(limited, rest[::2], rest[1::2], strict=True))
    if any(in_minute > limit.a_minute for (_, limit), in_minute, _ in pairs):
        SENDINGS.labels("wait").inc()
        raise RateLimitError(_left(now))
    over = any(in_hour > limit.an_hour for (_, limit), _, in_hour in pairs)
    proven = uses <= MOST_USES and answers(sent.mark, sent.answer, rules.proof_bits)
    verdict = judge(Seen(since, now, proven, uses, quick, over))
    SENDINGS.labels(verdict.value).inc()
    return verdict


def _limited(services: Services, sent: Sending) -> Iterator[tuple[str, SendingLimit]]:
    """Name what is counted of a form, each with its limit; what has none is not counted."""
    limits = services.guard.limits
    named = {
        Subject.ADDRESS: [sent.address],
        Subject.EMAIL: [sent.email.strip().lower()],
        Subject.SCHOOL: [str(unitid) for unitid in sorted(sent.unitids)],
    }
    for subject, limit in limits.items():
        for each in named[subject]:
            yield f"{subject}\0{each}", limit


def _left(now: datetime) -> int:
    return _MINUTE - int(now.timestamp()) % _MINUTE
