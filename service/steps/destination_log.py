"""What was sent to a destination: listed, looked at, sent again; and a destination taken away."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.domain.delivery import LOST, DeliveryStatus, DeliverySummary
from models.domain.destination import DestinationStatus
from models.domain.destination_log import DeliveryTimeline, known_values
from models.domain.errors import ConflictError, NotFoundError
from models.domain.ids import Prefix, show
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import Staff
from service.said import say
from service.services import Services
from service.steps.replay_deliveries import replay_each, replay_one, told_why
from service.steps.staff_destinations import own_destination
from service.steps.staff_doors import staff_actor

MOST_SHOWN, MOST_REPLAYED = 50, 200


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
) -> None:
    """Send a settled delivery again, as it was or rendered by what is set up now.

    Raises:
        NotFoundError: when there is none, or it is another organization's.
        TransitionError: when it is not settled.
        ConflictError: when its campaign has no place left, a newer one took its place, or its
            destination was removed.
    """
    with services.unit_of_work() as work, told_why():
        _own(work, organization_id, delivery_id)
        replay_one(work, delivery_id, staff_actor(staff), services.clock.now(), anew=anew)
    services.nudge()


def replay_all(
    services: Services, staff: Staff, which: tuple[UUID, UUID], status: str, *, anew: bool
) -> Replayed:
    """Send again what did not arrive: all of it, or what stands in one state.

    The newest first, so many at once; each by itself: what was done stays done.

    Raises:
        NotFoundError: when it is not this organization's.
    """
    wanted = {each for each in LOST if status in ("", each.value)}
    with services.unit_of_work() as work:
        own_destination(work, *which)
        found = work.destination_log.page(which, wanted or LOST, None, MOST_REPLAYED)
    again = replay_each(
        services.unit_of_work,
        [each.id for each in found],
        staff_actor(staff),
        services.clock,
        anew=anew,
    )
    done = sum(error is None for _, error in again)
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


def _own(work: UnitOfWork, organization_id: UUID, delivery_id: UUID) -> DeliveryTimeline:
    found = work.destination_log.one(organization_id, delivery_id, ())
    if found is None:
        raise NotFoundError("there is no such delivery")
    settings: Mapping[str, Any] = work.destinations.get(found.summary.destination_id).settings
    known = known_values([*settings.get("ping_outcomes", ()), *settings.get("outcomes", ())])
    return work.destination_log.one(organization_id, delivery_id, known) or found
