"""What is owed, and what is about to be: statements for a school, alarms for operators."""

from dataclasses import dataclass
from uuid import UUID

from models.domain.campaign import Campaign
from models.domain.caps import CapUse
from models.domain.errors import NotFoundError
from models.domain.refusals import Refusals
from models.domain.statement import MonthOwed, Statement, check_month
from models.exchange.statement_table import statement_table
from service.services import Services


@dataclass(frozen=True, slots=True)
class CampaignUse:
    """A campaign with how far its present caps and budgets are used."""

    campaign: Campaign
    uses: tuple[CapUse, ...]

    @property
    def near_end(self) -> bool:
        """Whether one of them is about to be full."""
        return any(use.near_end for use in self.uses)


@dataclass(frozen=True, slots=True)
class Owed:
    """An organization's months with charges, the newest first, and its active campaigns."""

    months: tuple[MonthOwed, ...]
    campaigns: tuple[CampaignUse, ...]


@dataclass(frozen=True, slots=True)
class MoneyWatch:
    """What an operator should look at: caps near their end, and schools that refuse more."""

    near_end: tuple[CampaignUse, ...]
    jumped: tuple[Refusals, ...]


def owed(services: Services, organization_id: UUID) -> Owed:
    """Read what an organization owes and how far its campaigns are."""
    with services.unit_of_work() as work:
        uses = tuple(CampaignUse(*found) for found in work.campaigns.uses(services.clock.now()))
        return Owed(
            work.statements.months(organization_id),
            tuple(each for each in uses if each.campaign.organization_id == organization_id),
        )


def statement(services: Services, organization_id: UUID, month: str) -> tuple[Statement, ...]:
    """Read an organization's statement of a month, one for each currency.

    Raises:
        NotFoundError: when nothing was charged then.
        InvalidInputError: when it is no month.
    """
    with services.unit_of_work() as work:
        found = work.statements.of_month(organization_id, check_month(month))
    if not found:
        raise NotFoundError("there is no such statement")
    return found


def table(statements: tuple[Statement, ...]) -> bytes:
    """Write statements as CSV, one table after the other."""
    return b"\r\n".join(map(statement_table, statements))


def watch_money(services: Services) -> MoneyWatch:
    """Find what an operator should look at."""
    with services.unit_of_work() as work:
        uses = tuple(CampaignUse(*found) for found in work.campaigns.uses(services.clock.now()))
        refusals = work.watch.refusals()
    return MoneyWatch(
        tuple(each for each in uses if each.near_end), tuple(r for r in refusals if r.jumped)
    )
