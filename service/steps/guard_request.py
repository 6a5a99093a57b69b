"""Looking at a form before it is accepted: may it pass, and must its student open a link first?"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.domain.errors import RateLimitError
from models.domain.guarding import (
    MARK_LIFE,
    MOST_USES,
    Seen,
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
    try:
        verdict = _look(services, sent, services.clock.now())
    except RateLimitError:
        SENDINGS.labels("wait").inc()
        raise
    SENDINGS.labels(verdict.value).inc()
    return verdict


def _look(services: Services, sent: Sending, now: datetime) -> Verdict:
    rules = services.guard
    since = opened_at(services.secret_key, sent.key, sent.mark, now)
    hurried = since is not None and now - since < timedelta(seconds=rules.seconds)
    # A mark that is not ours is not counted: whatever somebody writes there would be kept a day.
    tries = [Counted(f"mark\0{sent.mark}", int(MARK_LIFE.total_seconds()))] if since else []
    tries += [Counted(f"quick\0{sent.address}", _HOUR)] if hurried else []
    over, found = _count(services, [(Subject.ADDRESS, sent.address)], now, tries)
    uses, quick = (*found, 0, 0)[:2]
    proven = uses <= MOST_USES and answers(sent.mark, sent.answer, rules.proof_bits)
    seen = Seen(since, now, proven, uses, quick, over)
    verdict = judge(seen)
    if verdict in {Verdict.STALE, Verdict.QUICK}:
        return verdict
    # Only a form that goes on counts for its schools: no browser can use up what they may get.
    over, _ = _count(services, _asked(sent), now)
    return judge(replace(seen, over_limit=seen.over_limit or over))


def _asked(sent: Sending) -> list[tuple[Subject, str]]:
    schools = [(Subject.SCHOOL, str(unitid)) for unitid in sorted(sent.unitids)]
    return [(Subject.EMAIL, sent.email.strip().lower()), *schools]


def _count(
    services: Services,
    subjects: Sequence[tuple[Subject, str]],
    now: datetime,
    others: Sequence[Counted] = (),
) -> tuple[bool, Sequence[int]]:
    """Count one more of each; what has no limit is not counted.

    Returns:
        Whether one is over a limit that wants proof, and how many of each other there are.

    Raises:
        RateLimitError: when who sends must wait. A school makes nobody wait: many may ask it.
    """
    limits = services.guard.limits
    named = [(subject, f"{subject}\0{name}") for subject, name in subjects if subject in limits]
    things = [Counted(name, seconds) for _, name in named for seconds in (_MINUTE, _HOUR)]
    counts = services.counts.count([*things, *others])
    over = False
    for (subject, _), in_minute, in_hour in zip(named, counts[::2], counts[1::2], strict=False):
        limit = limits[subject]
        if in_minute > limit.a_minute and subject is not Subject.SCHOOL:
            raise RateLimitError(_left(now))
        over = over or in_minute > limit.a_minute or in_hour > limit.an_hour
    return over, counts[len(things) :]


def _left(now: datetime) -> int:
    return _MINUTE - int(now.timestamp()) % _MINUTE
