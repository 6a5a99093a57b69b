"""Sending settled deliveries again, as they were or rendered anew: for rooms and commands."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from models.domain.clock import Clock
from models.domain.delivery import DeliverySummary
from models.domain.destination import DestinationStatus
from models.domain.errors import ConflictError, NotFoundError, SchoolmatchError, TransitionError
from models.domain.ids import Prefix, show
from models.domain.organization import Actor
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from models.exchange.kinds import KINDS
from service.said import say


def replay_one(
    work: UnitOfWork, delivery_id: UUID, by: Actor, now: datetime, *, anew: bool = False
) -> UUID:
    """Send a settled delivery again, as it was or rendered by what is set up now.

    Returns:
        What is sent: the same delivery, or the new one that took its place.

    Raises:
        NotFoundError: when there is none.
        TransitionError: when it is not settled.
        ConflictError: when its campaign has no place left, a newer one took its place, or its
            destination was removed.
    """
    before, after = work.deliveries.get(delivery_id), delivery_id
    detail: dict[str, Any] = {"from": before.status.value, "attempts": before.attempts}
    if anew:
        after = work.deliveries.renew(delivery_id, now, by_mail=_by_mail(work, before))
        detail["anew"] = show(Prefix.DELIVERY, after)
    else:
        work.deliveries.replay(delivery_id)
    shown = show(Prefix.DELIVERY, delivery_id)
    work.organizations.record_audit(by, "delivery.replay", shown, detail, now)
    return after


def replay_each(
    unit_of_work: UnitOfWorkFactory,
    delivery_ids: Iterable[UUID],
    by: Actor,
    clock: Clock,
    *,
    anew: bool,
) -> Iterator[tuple[UUID, SchoolmatchError | None]]:
    """Send many again, each by itself: what was done stays done.

    Yields:
        Each one's id with why it could not be sent again; None: it is.
    """
    for each in delivery_ids:
        try:
            with unit_of_work() as work:
                replay_one(work, each, by, clock.now(), anew=anew)
        except (ConflictError, TransitionError, NotFoundError) as error:
            yield each, error
        else:
            yield each, None


@contextmanager
def told_why() -> Iterator[None]:
    """Let whoever wants something sent again in a room read why it is not."""
    try:
        yield
    except ConflictError as error:
        raise ConflictError(say("not_sent_again", why=str(error))) from error


def _by_mail(work: UnitOfWork, before: DeliverySummary) -> bool:
    """Whether people of the school are told by e-mail, as it is set up now."""
    config = work.destinations.for_delivery(before.destination_id)
    active = config.status is DestinationStatus.ACTIVE
    return KINDS[config.kind].mails(config.settings, before.purpose, active=active)
