"""Looks at the champion since it serves, and counts the days' traffic; keeps what it finds."""

from collections.abc import Callable
from datetime import datetime, timedelta

from matcher.learn.watch import SinceServing, watch_champion
from matcher.registry import ServedRanker
from models.domain.clock import Clock
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.watch import RankerWatch

# What happened before says little of today; more slates would say hardly more.
LONGEST_AGO = timedelta(days=14)
MOST_SLATES = 5_000
FIRST_SLATES = 1_000


OpenRanker = Callable[[str], ServedRanker | None]


def watch_and_count(
    unit_of_work: UnitOfWorkFactory, clock: Clock, ranker: OpenRanker
) -> RankerWatch | None:
    """Look at the champion, and count yesterday and today; None while none serves.

    Args:
        unit_of_work: where the log is.
        clock: says what time it is.
        ranker: opens a ranker by its version; None where it cannot be read here.
    """
    now = clock.now()
    with unit_of_work() as work:
        for day in (now - timedelta(days=1), now):
            work.ranker_watch.count_day(day.date(), now)
    return _watch(unit_of_work, now, ranker)


def _watch(
    unit_of_work: UnitOfWorkFactory, now: datetime, ranker: OpenRanker
) -> RankerWatch | None:
    with unit_of_work() as work:
        history = work.publications.history("ranker")
        champion = work.publications.ranker(history[0].version) if history else None
        if champion is None:
            return None
        since = max(history[0].at, now - LONGEST_AGO)
        log, version = work.ranker_watch, champion.version
        slates, steering = log.steering(version, since)
        came = SinceServing(
            newest=tuple(log.served(version, since, MOST_SLATES, newest=True)),
            first=tuple(log.served(version, history[0].at, FIRST_SLATES, newest=False)),
            slates=slates,
            steering=steering,
        )
        opened = ranker(version)
        chances = opened.chances if opened else None
        figures = watch_champion(champion.card, chances, came)
        found = RankerWatch(version, now, since, slates, figures)
        work.ranker_watch.keep(found)
    return found
