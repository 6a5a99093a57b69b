"""The drainer's numbers."""

from dataclasses import dataclass, field
from datetime import timedelta

from models.domain.contact_budget import ContactBudget
from models.domain.delivery import DEFAULT_SCHEDULE, Breaker, RetrySchedule
from workers.delivery.floor import Ahead


@dataclass(frozen=True, slots=True)
class Options:
    """How much, how long, how often.

    ``lease`` must be longer than a whole request may take and its outcome's commit; settings
    refuse less than 36 s, tests pass less. Nothing starts to leave when less than ``send_seconds``
    of its lease are left. A stop takes at most ``stop_seconds``.
    """

    senders: int = 8
    lease: timedelta = timedelta(seconds=60)
    send_seconds: float = 30.0
    poll_seconds: float = 1.0
    sweep_seconds: float = 1.0
    group_seconds: float = 0.02
    group_most: int = 64
    ahead: Ahead = field(default_factory=lambda: Ahead(most=248))
    keep_outcomes_seconds: float = 600.0
    stop_seconds: float = 33.0
    schedule: RetrySchedule = DEFAULT_SCHEDULE
    breaker: Breaker = field(default_factory=Breaker)
    contact_budget: ContactBudget = ()
