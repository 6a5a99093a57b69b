"""What a school's staff see first: how many leads there are, and what needs somebody."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from models.domain.claim import ClaimStatus
from models.domain.lead_search import LeadFilter
from models.domain.statement import MonthOwed
from models.domain.today import TroubledDestination
from service.services import Services
from service.steps.staff_money import CampaignUse, owed

# More are not counted one by one: the list is read page by page in any case.
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class Today:
    """Counts by name, at most ``MOST_COUNTED`` each; destinations and campaigns to look at.

    ``claims`` wait for an operator; ``last`` are the amounts of the newest month with charges.
    """

    counts: Mapping[str, int]
    troubled: tuple[TroubledDestination, ...]
    near_end: tuple[CampaignUse, ...]
    claims: int
    last: tuple[MonthOwed, ...]


def view_today(
    services: Services, organization_id: UUID, figures: Mapping[str, LeadFilter]
) -> Today:
    """Count what each figure's list would show, and find what needs somebody."""
    with services.unit_of_work() as work:
        counts = {
            name: work.school_leads.count(organization_id, wanted, MOST_COUNTED)
            for name, wanted in figures.items()
        }
        troubled = work.school_today.troubled(organization_id)
        claims = work.claims.of(organization_id)
    money = owed(services, organization_id)
    newest = money.months[0].month if money.months else None
    return Today(
        counts,
        troubled,
        tuple(each for each in money.campaigns if each.near_end),
        sum(claim.status is ClaimStatus.PENDING for claim in claims),
        tuple(month for month in money.months if month.month == newest),
    )
