"""Forgets by age: persons whose time is over, and searches of long ago.

What a person's time is over for still waits for nothing: no delivery of theirs is open. Numbers,
consents without names and statements stay.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from models.domain.clock import Clock
from models.domain.organization import Actor, ActorKind
from models.domain.person import ErasedBy
from models.domain.ports.unit_of_work import UnitOfWorkFactory

_SCHEDULE = Actor(ActorKind.SYSTEM, "schedule")
# Persons erased in one transaction: their rows are locked that long.
_TOGETHER = 100


def forget_people(
    unit_of_work: UnitOfWorkFactory, clock: Clock, kept_for: timedelta, together: int = _TOGETHER
) -> int:
    """Erase who sent their request longer ago than ``kept_for``, and tell how many.

    Where ``kept_for`` is 0 nobody is erased by age. Each transaction stands by itself: what is
    interrupted goes on an hour later.
    """
    if not kept_for:
        return 0
    before, erased = clock.now() - kept_for, 0
    while True:
        with unit_of_work() as work:
            over = work.persons.over(before, together)
            for request_id in over:
                work.persons.erase(request_id, clock.now(), ErasedBy.AGE)
            if over:
                detail = {"requests": len(over), "sent_before": before.isoformat()}
                work.organizations.record_audit(
                    _SCHEDULE, "person.forget", "persons", detail, clock.now()
                )
        erased += len(over)
        if len(over) < together:
            return erased


def forget_searches(
    drop: Callable[[date], list[str]], clock: Clock, kept_for: timedelta
) -> list[str]:
    """Drop the months of searches that ended longer ago than ``kept_for``; 0: none."""
    return drop((clock.now() - kept_for).date()) if kept_for else []


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What is forgotten by age, and after how long; 0: never.

    ``drop`` drops the months of searches that ended before a day.
    """

    unit_of_work: UnitOfWorkFactory
    drop: Callable[[date], list[str]]
    clock: Clock
    people: timedelta
    searches: timedelta

    def __call__(self) -> None:
        """Forget whose time is over."""
        forget_people(self.unit_of_work, self.clock, self.people)
        forget_searches(self.drop, self.clock, self.searches)
