"""Links for staff who forgot their password: mailed to who has an account, nothing to the others.

The page only notes what was asked, the same for every address; whether anybody has it is found out
here, where nobody waits for the answer and could measure it.
"""

from uuid import UUID

from models.domain.clock import Clock
from models.domain.ids import Prefix, new_id, show
from models.domain.message import NewStaffMessage, StaffTemplate
from models.domain.organization import Actor, ActorKind
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from models.domain.staff import WAY_BACK_HOLDS, make_way_back
from models.exchange.staff_letters import compose_staff_letter

_AT_ONCE = 20
_SYSTEM = Actor(ActorKind.SYSTEM, "ways_back")


class WaysBack:
    """Writes the mails that were asked for."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, address: str, clock: Clock) -> None:
        """Take what a mail needs.

        Args:
            unit_of_work: the database.
            address: where people reach the site, without a slash at its end.
            clock: stamps the link and the mail.
        """
        self._unit_of_work, self._address, self._clock = unit_of_work, address, clock

    def write(self) -> int:
        """Write some of them.

        Returns:
            How many were written.
        """
        with self._unit_of_work() as work:
            asked = work.accounts.take_ways_back(_AT_ONCE)
            for staff_id, email in asked:
                self._mail(work, staff_id, email)
        return len(asked)

    def _mail(self, work: UnitOfWork, staff_id: UUID, email: str) -> None:
        now = self._clock.now()
        link = make_way_back(now)
        work.staff.invite(staff_id, link, now)
        shown = show(Prefix.STAFF, staff_id)
        work.organizations.record_audit(_SYSTEM, "staff.way_back", shown, {}, now)
        places = {
            "site": self._address,
            "link": f"{self._address}/staff/login/new-password/{link.token}",
        }
        message_id, template = new_id(now), StaffTemplate.WAY_BACK
        content = compose_staff_letter(message_id, template, email, now, places)
        work.messages.add_for_staff(
            NewStaffMessage(
                message_id,
                staff_id,
                template,
                email,
                content,
                now,
                WAY_BACK_HOLDS,
            )
        )
