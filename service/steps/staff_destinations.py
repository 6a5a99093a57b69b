"""An organization's destinations in its own rooms: looked at, tested, paused, resumed."""

from dataclasses import dataclass
from uuid import UUID

from models.domain.delivery import DeliverySummary
from models.domain.destination import Destination, DestinationStatus
from models.domain.errors import NotFoundError
from models.domain.ids import Prefix, show
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.staff import Staff
from models.exchange.kinds import KINDS
from service.services import Services
from service.steps.staff_doors import staff_actor
from service.steps.switch_destination import move

MOST_DELIVERIES = 5


@dataclass(frozen=True, slots=True)
class DestinationShown:
    """A destination without secrets, and what was sent there last.

    ``kind`` is its kind's label; ``settings`` are labels and values, as the kind declares them.
    """

    destination: Destination
    kind: str
    settings: tuple[tuple[str, str], ...]
    last: list[DeliverySummary]


def list_destinations(services: Services, organization_id: UUID) -> tuple[DestinationShown, ...]:
    """List an organization's destinations, each with its last deliveries."""
    with services.unit_of_work() as work:
        return tuple(_shown(work, each) for each in work.destinations.of(organization_id))


def view_destination(
    services: Services, organization_id: UUID, destination_id: UUID
) -> DestinationShown:
    """Read one destination, with its last deliveries.

    Raises:
        NotFoundError: when it is not this organization's.
    """
    with services.unit_of_work() as work:
        return _shown(work, own_destination(work, organization_id, destination_id))


def _shown(work: UnitOfWork, each: Destination) -> DestinationShown:
    return DestinationShown(
        each,
        KINDS[each.kind].label,
        _settings(each),
        work.deliveries.listed((), None, each.id, MOST_DELIVERIES),
    )


def _settings(destination: Destination) -> tuple[tuple[str, str], ...]:
    """Tell what is set, in the order in which the kind declares it."""
    return tuple(
        (declared.label, declared.tell(destination.settings[declared.name]))
        for declared in KINDS[destination.kind].settings
        if declared.name in destination.settings
    )


def test(services: Services, staff: Staff, organization_id: UUID, destination_id: UUID) -> UUID:
    """Send a test without any lead in it, by a worker; what it comes to stands in the list.

    Raises:
        NotFoundError: when it is not this organization's.
        InvalidInputError: when nobody there could be told that a lead was taken back.
    """
    now = services.clock.now()
    with services.unit_of_work() as work:
        found = own_destination(work, organization_id, destination_id)
        KINDS[found.kind].check_reach(found.settings)
        shown = show(Prefix.DESTINATION, destination_id)
        work.organizations.record_audit(staff_actor(staff), "destination.test", shown, {}, now)
        delivery_id = work.deliveries.create_test(destination_id, now)
    services.nudge()
    return delivery_id


def pause(services: Services, staff: Staff, organization_id: UUID, destination_id: UUID) -> None:
    """Let a destination take no requests; what was accepted waits, and ends when its time is over.

    Raises:
        NotFoundError: when it is not this organization's.
        TransitionError: when it is not active.
    """
    _move(services, staff, (organization_id, destination_id), DestinationStatus.PAUSED)


def resume(services: Services, staff: Staff, organization_id: UUID, destination_id: UUID) -> None:
    """Let a destination that is paused, new or switched off take requests.

    Raises:
        NotFoundError: when it is not this organization's.
        ConflictError: when no test has reached it since its settings changed.
        InvalidInputError: when nobody there could be told that a lead was taken back.
        TransitionError: when it takes them already.
    """
    _move(services, staff, (organization_id, destination_id), DestinationStatus.ACTIVE)


def own_destination(work: UnitOfWork, organization_id: UUID, destination_id: UUID) -> Destination:
    """Find a destination of an organization.

    Raises:
        NotFoundError: when it is not this organization's; another's is as good as none.
    """
    for each in work.destinations.of(organization_id):
        if each.id == destination_id:
            return each
    raise NotFoundError("there is no such destination")


def _move(
    services: Services, staff: Staff, which: tuple[UUID, UUID], status: DestinationStatus
) -> None:
    organization_id, destination_id = which
    with services.unit_of_work() as work:
        found = own_destination(work, organization_id, destination_id)
        move(work, found, status)
        work.organizations.record_audit(
            staff_actor(staff),
            f"destination.{'resume' if status is DestinationStatus.ACTIVE else 'pause'}",
            show(Prefix.DESTINATION, destination_id),
            {"from": found.status.value},
            services.clock.now(),
        )
