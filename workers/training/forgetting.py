"""Removes imported logs whose time is over. Rankers that learned from them stay as they are."""

from datetime import timedelta
from pathlib import Path

from matcher.learn.log_imported import remove_old
from models.domain.clock import Clock
from models.domain.organization import Actor, ActorKind
from models.domain.ports.unit_of_work import UnitOfWorkFactory

_SCHEDULE = Actor(ActorKind.SYSTEM, "schedule")


def forget_logs(
    store: Path, kept_for: timedelta, unit_of_work: UnitOfWorkFactory, clock: Clock
) -> int:
    """Remove the logs that were imported longer ago, with an audit row each; tell how many.

    Where ``kept_for`` is 0 they are kept until somebody removes them.
    """
    if not kept_for:
        return 0
    now = clock.now()
    removed = remove_old(store, now - kept_for)
    with unit_of_work() as work:
        for log in removed:
            detail = {"origin": log["origin"], "imported_at": log["at"]}
            work.organizations.record_audit(_SCHEDULE, "log.remove", log["id"], detail, now)
    return len(removed)
