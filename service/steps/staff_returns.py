"""A school's returns: what is left of its quotas, and what it gave back."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from models.domain.returns import MonthReturns, ReturnMade
from service.services import Services
from service.steps.staff_lead_lists import school_names

# Windows are shorter; what was asked for before cannot be returned any more.
SHOWN_DAYS = 180
MOST_SHOWN = 200
_MONTHS_SHOWN = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Returns:
    """Quotas by campaign and month, and returns, newest first; ``names`` of schools by unitid."""

    months: tuple[MonthReturns, ...]
    made: tuple[ReturnMade, ...]
    names: dict[int, str]


def view_returns(services: Services, organization_id: UUID) -> Returns:
    """Read what an organization may still return, and what it returned."""
    now = services.clock.now()
    with services.unit_of_work() as work:
        months = work.returns.months(organization_id, f"{now - _MONTHS_SHOWN:%Y-%m}")
        made = work.returns.made(organization_id, now - timedelta(days=SHOWN_DAYS), MOST_SHOWN)
    return Returns(months, made, school_names(services, {each.unitid for each in made}))
