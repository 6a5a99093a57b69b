"""What operators watch of the champion and of traffic: as the training worker found it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.watch import RankerWatch, TrafficDay

MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Watched:
    """What serves, since when, and what was found of it; None: nobody has looked yet."""

    champion: str | None
    since: datetime | None
    found: RankerWatch | None


def watched(unit_of_work: UnitOfWorkFactory) -> Watched:
    """Read the last look at the champion."""
    with unit_of_work() as work:
        history = work.publications.history("ranker")
        if not history:
            return Watched(None, None, None)
        newest = history[0]
        return Watched(newest.version, newest.at, work.ranker_watch.latest(newest.version))


def traffic_since(
    unit_of_work: UnitOfWorkFactory, now: datetime, days: int
) -> tuple[TrafficDay, ...]:
    """Read the traffic of some days, the oldest first."""
    with unit_of_work() as work:
        return work.ranker_watch.days((now - timedelta(days=days - 1)).date())
