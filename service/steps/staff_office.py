"""What an operator looks after: alarms, organizations, returns, publishers, people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from models.domain.delivery import LOST
from models.domain.errors import ConflictError, InvalidInputError
from models.domain.ids import Prefix, show
from models.domain.office import (
    LATELY,
    AddressKind,
    Alarm,
    AlarmKind,
    KeptPeople,
    OrganizationState,
    ReturnsOf,
    Stopped,
)
from models.domain.organization import Actor
from models.domain.person import ErasedBy, KeptRequest
from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.publisher import Publisher, Traffic, read_site
from models.domain.staff import Role, Staff
from service.said import say
from service.services import Services
from service.steps.anew import changed
from service.steps.dispute_pack import make_dispute_pack
from service.steps.person import copy_for, erase
from service.steps.staff_doors import staff_actor
from service.steps.staff_inviting import NewStaff, add_staff
from service.steps.staff_money import watch_money
from service.steps.staff_operating import checked_reason

_MOST = 1000
_RETURNS = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is kept of people, what must not be used, and for how long all of it stays."""

    people: KeptPeople
    stopped: Sequence[Stopped]


@dataclass(frozen=True, slots=True)
class PublisherTraffic:
    """A publisher and what came from its pages in the last 30 days."""

    publisher: Publisher
    rows: tuple[Traffic, ...]

    @property
    def leads(self) -> int:
        """How many leads there were."""
        return sum(row.leads for row in self.rows)


def alarms(services: Services) -> list[Alarm]:
    """Find what an operator should see before anybody complains; nothing is quiet."""
    money = watch_money(services)
    with services.unit_of_work() as work:
        office = work.office
        counts = {
            AlarmKind.DESTINATIONS: office.failing_destinations(),
            AlarmKind.DELIVERIES: len(_lately(services, work)),
            AlarmKind.OVERDUE: office.overdue_deliveries(),
            AlarmKind.MAIL: office.stuck_mail(),
            AlarmKind.UNSEALED: office.unsealed(),
            AlarmKind.REFUSALS: len(money.jumped),
            AlarmKind.CAPS: len(money.near_end),
            AlarmKind.APPROVALS: len(work.claims.pending()) + len(work.approvals.waiting()),
        }
    return [Alarm(kind, count) for kind, count in counts.items() if count]


def _lately(services: Services, work: UnitOfWork) -> list[UUID]:
    """Deliveries that were lost within a day."""
    since = services.clock.now() - timedelta(days=1)
    found = work.deliveries.listed(LOST, None, None, _MOST)
    return [one.id for one in found if one.created_at >= since]


def organizations(services: Services) -> Sequence[OrganizationState]:
    """List organizations and how they do."""
    with services.unit_of_work() as work:
        return work.office.organizations(services.clock.now() - LATELY)


def add_organization(services: Services, staff: Staff, name: str, email: str) -> str:
    """Add an organization and invite its first admin.

    Returns:
        The link to be given to them; it is shown once.

    Raises:
        InvalidInputError: when the address cannot be one, or somebody has it, or the name.
    """
    by, now = staff_actor(staff), services.clock.now()
    with services.unit_of_work() as work:
        if work.organizations.named(name) is not None:
            raise InvalidInputError({"name": [say("organization_known")]})
        made = work.organizations.create(name, fictional=False, now=now)
        shown = show(Prefix.ORGANIZATION, made.id)
        work.organizations.record_audit(by, "organization.add", shown, {"name": name}, now)
        new = NewStaff(email, email, made.id, Role.ADMIN)
        try:
            _, invitation = add_staff(work, new, by, now)
        except ConflictError as error:
            raise InvalidInputError({"email": [say("organization_known")]}) from error
    return f"{services.public_url}/staff/invitation/{invitation.token}"


def returns(services: Services) -> Sequence[ReturnsOf]:
    """List what campaigns returned lately."""
    oldest = services.clock.now() - _RETURNS
    with services.unit_of_work() as work:
        return work.office.returns(oldest.strftime("%Y-%m"))


def publishers(services: Services) -> list[PublisherTraffic]:
    """List publishers with what came from their pages."""
    now = services.clock.now()
    with services.unit_of_work() as work:
        traffic = work.publishers.traffic(now - LATELY, now)
        return [
            PublisherTraffic(one, tuple(row for row in traffic if row.publisher_id == one.id))
            for one in work.publishers.all()
        ]


def add_publisher(services: Services, staff: Staff, name: str, site: str) -> None:
    """Add a publisher.

    Raises:
        InvalidInputError: when the site is no origin.
        ConflictError: when one has the site.
    """
    with services.unit_of_work() as work:
        made = work.publishers.add(name, read_site(site), services.clock.now())
        detail = {"name": name, "site": made.site}
        _audit(services, work, staff_actor(staff), ("publisher.add", made.id), detail)


def set_publisher(services: Services, staff: Staff, publisher_id: UUID, *, active: bool) -> None:
    """Show our questions in a publisher's pages, or not.

    Raises:
        NotFoundError: when there is no such publisher.
    """
    action = "publisher.resume" if active else "publisher.pause"
    with services.unit_of_work() as work:
        work.publishers.set_active(publisher_id, active=active)
        _audit(services, work, staff_actor(staff), (action, publisher_id), {})


def privacy(services: Services) -> Privacy:
    """Count what is kept of people, and which addresses must not be used."""
    with services.unit_of_work() as work:
        return Privacy(work.office.people(), work.office.stopped())


def look_for(services: Services, staff: Staff, kind: AddressKind, address: str) -> bool:
    """Tell whether an address must not be used; write down that somebody looked, never for whom."""
    now = services.clock.now()
    with services.unit_of_work() as work:
        work.organizations.record_audit(staff_actor(staff), "person.search", kind.value, {}, now)
        return work.office.is_stopped(kind, address)


def stop_address(
    services: Services, staff: Staff, kind: AddressKind, address: str, *, stop: bool
) -> bool:
    """Let nobody use an address, or take that back; the audit keeps that, not the address.

    Returns:
        Whether anything changed.
    """
    now = services.clock.now()
    with services.unit_of_work() as work:
        office = work.office
        changed = office.stop(kind, address, now) if stop else office.allow(kind, address)
        if changed:
            action = "address.stop" if stop else "address.allow"
            work.organizations.record_audit(staff_actor(staff), action, kind.value, {}, now)
    return changed


def kept_of(services: Services, email: str) -> Sequence[KeptRequest]:
    """List the requests that came with an address."""
    with services.unit_of_work() as work:
        return work.persons.requests_of(email)


def copy_of(services: Services, staff: Staff, email: str) -> dict[str, Any]:
    """Write down everything that is kept of who has an address, for them."""
    found = kept_of(services, email)
    documents = [copy_for(services.unit_of_work, one.request_id) for one in found]
    with services.unit_of_work() as work:
        for one in found:
            _note_person(services, work, staff, "person.copy", one.request_id)
    return {"requests": documents}


def erase_person(services: Services, staff: Staff, email: str) -> int:
    """Erase who has an address, and let every school be told; tells how many requests it were."""
    found = [one for one in kept_of(services, email) if one.erased_at is None]
    for one in found:

        def change(work: UnitOfWork, request_id: UUID = one.request_id) -> None:
            erase(work, request_id, services.clock.now(), ErasedBy.OPERATOR)
            _note_person(services, work, staff, "person.erase", request_id)

        changed(services.unit_of_work, change)
    services.nudge()
    return len(found)


def dispute_pack(services: Services, staff: Staff, lead_id: UUID, reason: str) -> bytes:
    """Gather all that is kept of a lead into a signed zip; the audit keeps who did, and why.

    Raises:
        InvalidInputError: when no reason is given, or too long a one.
        NotFoundError: when there is no such lead.
    """
    why, now = checked_reason(reason), services.clock.now()
    made = make_dispute_pack(
        services.unit_of_work,
        lead_id,
        services.serving.engine,
        services.signers,
        now.isoformat(timespec="seconds"),
    )
    with services.unit_of_work() as work:
        shown, detail = show(Prefix.LEAD, lead_id), {"reason": why}
        work.organizations.record_audit(staff_actor(staff), "dispute.pack", shown, detail, now)
    return made


def _note_person(
    services: Services, work: UnitOfWork, staff: Staff, action: str, request_id: UUID
) -> None:
    shown, now = show(Prefix.REQUEST, request_id), services.clock.now()
    work.organizations.record_audit(staff_actor(staff), action, shown, {}, now)


def _audit(
    services: Services, work: UnitOfWork, by: Actor, of: tuple[str, UUID], detail: dict[str, str]
) -> None:
    action, publisher_id = of
    shown, now = show(Prefix.PUBLISHER, publisher_id), services.clock.now()
    work.organizations.record_audit(by, action, shown, detail, now)
