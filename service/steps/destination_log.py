"""What was sent to a destination: listed, looked at, sent again; and a destination taken away."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.domain.delivery import DeliveryStatus, DeliverySummary
from models.domain.destination import DestinationStatus
from models.domain.destination_log import DeliveryTimeline, known_values
from models.domain.errors import ConflictError, NotFoundError, TransitionError
from models.domain.ids import Prefix, show
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import Staff
from models.exchange.kinds import KINDS
from service.said import say
from service.services import Services
from service.steps.staff_destinations import own_destination
from service.steps.staff_doors import staff_actor

MOST_SHOWN, MOST_REPLAYED = 50, 200
# What did not arrive, and will not by itself.
TROUBLE = (DeliveryStatus.FAILED, DeliveryStatus.EXPIRED, DeliveryStatus.POISON)


@dataclass(frozen=True, slots=True)
class LogPage:
    """Deliveries; ``next_before`` is where the next page begins."""

    deliveries: tuple[DeliverySummary, ...]
    next_before: UUID | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many were sent again, and how many could not be."""

    done: int
    refused: int


def read_log(
    services: Services,
    which: tuple[UUID, UUID],
    status: DeliveryStatus | None,
    before: UUID | None,
) -> LogPage:
    """List what was sent to a destination, the newest first.

    Raises:
        NotFoundError: when it is not this organization's.
    """
    wanted = () if status is None else (status,)
    with services.unit_of_work() as work:
        own_destination(work, *which)
        found = work.destination_log.page(which, wanted, before, MOST_SHOWN + 1)
    shown = found[:MOST_SHOWN]
    return LogPage(shown, shown[-1].id if len(found) > MOST_SHOWN else None)


def view_delivery(services: Services, organization_id: UUID, delivery_id: UUID) -> DeliveryTimeline:
    """Read a delivery with every try at it; what receivers said is masked.

    Raises:
        NotFoundError: when there is none, or it is another organization's.
    """
    with services.unit_of_work() as work:
        return _own(work, organization_id, delivery_id)


def replay(
    services: Services, staff: Staff, organization_id: UUID, delivery_id: UUID, *, anew: bool
) -> UUID:
    """Send a settled delivery again, as it was or rendered by what is set up now.

    Raises:
        NotFoundError: when there is none, or it is another organization's.
        TransitionError: when it is not settled.
        ConflictError: when its campaign has no place left, a newer one took its place, or its
            destination was removed.
    """
    after = _again(services, staff, organization_id, delivery_id, anew=anew)
    services.nudge()
    return after


def replay_all(
    services: Services, staff: Staff, which: tuple[UUID, UUID], status: str, *, anew: bool
) -> Replayed:
    """Send again what did not arrive: all of it, or what stands in one state.

    The newest first, so many at once; each by itself: what was done stays done.

    Raises:
        NotFoundError: when it is not this organization's.
    """
    wanted = [each for each in TROUBLE if status in ("", each.value)]
    with services.unit_of_work() as work:
        own_destination(work, *which)
        found = work.destination_log.page(which, wanted or TROUBLE, None, MOST_REPLAYED)
    done = 0
    for each in found:
        try:
            _again(services, staff, which[0], each.id, anew=anew)
            done += 1
        except (ConflictError, TransitionError, NotFoundError):
            continue
    services.nudge()
    return Replayed(done, len(found) - done)


def remove(services: Services, staff: Staff, which: tuple[UUID, UUID]) -> None:
    """Take a destination away; what was sent there stays in the ledger.

    Raises:
        NotFoundError: when it is not this organization's.
        TransitionError: when it takes requests: it is paused first.
        ConflictError: when something is still to be sent there.
    """
    with services.unit_of_work() as work:
        found = own_destination(work, *which)
        if waiting := work.destination_log.waiting(found.id):
            raise ConflictError(say("destination_waits", n=waiting))
        work.destinations.set_status(found.id, DestinationStatus.REMOVED)
        shown, now = show(Prefix.DESTINATION, found.id), services.clock.now()
        detail = {"from": found.status.value}
        work.organizations.record_audit(
            staff_actor(staff), "destination.remove", shown, detail, now
        )


def waiting(services: Services, destination_id: UUID) -> int:
    """Count what is still to be sent to a destination."""
    with services.unit_of_work() as work:
        return work.destination_log.waiting(destination_id)


def _again(
    services: Services, staff: Staff, organization_id: UUID, delivery_id: UUID, *, anew: bool
) -> UUID:
    now = services.clock.now()
    with services.unit_of_work() as work, told_why():
        before = _own(work, organization_id, delivery_id).summary
        detail: dict[str, Any] = {"from": before.status.value, "attempts": before.attempts}
        after = delivery_id
        if anew:
            by_mail = _by_mail(work, before)
            after = work.deliveries.renew(delivery_id, now, by_mail=by_mail)
            detail["anew"] = show(Prefix.DELIVERY, after)
        else:
            work.deliveries.replay(delivery_id)
        shown = show(Prefix.DELIVERY, delivery_id)
        work.organizations.record_audit(staff_actor(staff), "delivery.replay", shown, detail, now)
    return after


@contextmanager
def told_why() -> Iterator[None]:
    """Let whoever wants something sent again read why it is not."""
    try:
        yield
    except ConflictError as error:
        raise ConflictError(say("not_sent_again", why=str(error))) from error


def _by_mail(work: UnitOfWork, before: DeliverySummary) -> bool:
    """Whether people of the school are told by e-mail, as it is set up now."""
    config = work.destinations.for_delivery(before.destination_id)
    active = config.status is DestinationStatus.ACTIVE
    return KINDS[config.kind].mails(config.settings, before.purpose, active=active)


def _own(work: UnitOfWork, organization_id: UUID, delivery_id: UUID) -> DeliveryTimeline:
    found = work.destination_log.one(organization_id, delivery_id, ())
    if found is None:
        raise NotFoundError("there is no such delivery")
    settings: Mapping[str, Any] = work.destinations.get(found.summary.destination_id).settings
    known = known_values([*settings.get("ping_outcomes", ()), *settings.get("outcomes", ())])
    return work.destination_log.one(organization_id, delivery_id, known) or found
