"""Mail to staff about their account: kept with what it tells of, in one transaction."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from models.domain.ids import new_id
from models.domain.message import NewStaffMessage, StaffTemplate
from models.domain.ports.unit_of_work import UnitOfWork
from models.exchange.staff_letters import compose_staff_letter
from service.services import Services

_LIFETIME = timedelta(days=3)


def write_letter(
    services: Services,
    work: UnitOfWork,
    to: tuple[UUID, str],
    template: StaffTemplate,
    places: Mapping[str, str],
) -> None:
    """Keep a mail to somebody on the staff.

    Args:
        services: the outside.
        work: the transaction of what the mail tells of.
        to: id and address of who gets it.
        template: what it is for.
        places: what the text's ``{names}`` stand for, beside ``{site}``.
    """
    staff_id, email = to
    now = services.clock.now()
    message_id = new_id(now, services.randomness)
    told = {"site": services.public_url, **places}
    content = compose_staff_letter(message_id, template, email, now, told)
    work.messages.add_for_staff(
        NewStaffMessage(message_id, staff_id, template, email, content, now, _LIFETIME)
    )


def tell_change(services: Services, work: UnitOfWork, to: tuple[UUID, str], change: str) -> None:
    """Tell somebody by mail what was changed of their account, in case it was not they."""
    write_letter(services, work, to, StaffTemplate.CHANGED, {"change": change})
