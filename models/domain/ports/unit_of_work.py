"""Port: one transaction and everything that can be done in it."""

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from models.domain.destination_log import DestinationLogStore
from models.domain.ports.accounts import AccountStore, IdentityProviderStore
from models.domain.ports.afterwards import AfterwardsStore
from models.domain.ports.approvals import ApprovalStore
from models.domain.ports.campaigns import CampaignStore
from models.domain.ports.chains import ChainStore
from models.domain.ports.deliveries import DeliveryStore
from models.domain.ports.destinations import DestinationStore
from models.domain.ports.dispositions import DispositionStore
from models.domain.ports.disputes import DisputeStore
from models.domain.ports.feeds import FeedStore
from models.domain.ports.history import HistoryStore
from models.domain.ports.lead_exports import LeadExportStore
from models.domain.ports.lead_reports import LeadReportStore
from models.domain.ports.messages import MessageStore
from models.domain.ports.office import OfficeStore
from models.domain.ports.organizations import OrganizationStore
from models.domain.ports.persons import PersonStore
from models.domain.ports.publications import PublicationStore
from models.domain.ports.publishers import PublisherStore
from models.domain.ports.ranker_watch import RankerWatchStore
from models.domain.ports.requests import RequestStore
from models.domain.ports.returns import ReturnStore
from models.domain.ports.rooms import ClaimStore, SchoolLeadStore, WatchStore
from models.domain.ports.school_today import SchoolTodayStore
from models.domain.ports.sessions import SessionStore
from models.domain.ports.slates import SlateStore
from models.domain.ports.staff import StaffSessionStore, StaffStore
from models.domain.ports.statements import StatementStore
from models.domain.ports.suppressions import SuppressionStore
from models.domain.ports.training import TrainingRunStore
from models.domain.ports.written_log import WrittenLog


class UnitOfWork(Protocol):
    """One transaction: leaving the block commits, raising out of it rolls back."""

    @property
    def slates(self) -> SlateStore:
        """Keeps searches, slates and the pages served."""
        ...

    @property
    def requests(self) -> RequestStore:
        """Keeps requests, leads, consents and the places they hold under caps."""
        ...

    @property
    def afterwards(self) -> AfterwardsStore:
        """Withdraws, corrects and deletes requests, and knows what schools were told of it."""
        ...

    @property
    def campaigns(self) -> CampaignStore:
        """Keeps campaigns and their versioned settings."""
        ...

    @property
    def office(self) -> OfficeStore:
        """Reads what an operator looks after, of all organizations."""
        ...

    @property
    def persons(self) -> PersonStore:
        """Finds, copies and erases what is kept of persons."""
        ...

    @property
    def organizations(self) -> OrganizationStore:
        """Keeps organizations, the schools they own and their API keys."""
        ...

    @property
    def destinations(self) -> DestinationStore:
        """Keeps destinations, their versioned settings, secrets and state."""
        ...

    @property
    def deliveries(self) -> DeliveryStore:
        """The ledger of deliveries and attempts."""
        ...

    @property
    def messages(self) -> MessageStore:
        """Keeps mail to students until it is sent."""
        ...

    @property
    def suppressions(self) -> SuppressionStore:
        """Keeps which addresses must not be used; every claim reads it."""
        ...

    @property
    def feeds(self) -> FeedStore:
        """Reads what was put into feeds."""
        ...

    @property
    def dispositions(self) -> DispositionStore:
        """Keeps what schools say happened to their leads."""
        ...

    @property
    def statements(self) -> StatementStore:
        """Keeps what organizations owe."""
        ...

    @property
    def returns(self) -> ReturnStore:
        """Reads what schools may return, and what they did."""
        ...

    @property
    def school_today(self) -> SchoolTodayStore:
        """Reads what needs a school's staff today."""
        ...

    @property
    def lead_reports(self) -> LeadReportStore:
        """Counts what came of schools' leads."""
        ...

    @property
    def lead_exports(self) -> LeadExportStore:
        """Keeps links to tables of leads."""
        ...

    @property
    def publications(self) -> PublicationStore:
        """Knows which catalog is published and which ranker is champion."""
        ...

    @property
    def publishers(self) -> PublisherStore:
        """Keeps publishers, and counts what came from their pages."""
        ...

    @property
    def sessions(self) -> SessionStore:
        """Keeps server-side sessions."""
        ...

    @property
    def training_runs(self) -> TrainingRunStore:
        """Keeps training runs."""
        ...

    @property
    def ranker_watch(self) -> RankerWatchStore:
        """Reads what came of what the champion served, and keeps what was found."""
        ...

    @property
    def written_log(self) -> WrittenLog:
        """Writes the log down, to be put into files."""
        ...

    @property
    def staff(self) -> StaffStore:
        """Keeps staff with what opens their accounts."""
        ...

    @property
    def staff_sessions(self) -> StaffSessionStore:
        """Keeps staff's sessions."""
        ...

    @property
    def destination_log(self) -> DestinationLogStore:
        """Reads what was sent to an organization's destinations."""
        ...

    @property
    def history(self) -> HistoryStore:
        """Keeps what was changed of the configuration."""
        ...

    @property
    def accounts(self) -> AccountStore:
        """Keeps what stands around the accounts of staff."""
        ...

    @property
    def identity_providers(self) -> IdentityProviderStore:
        """Keeps organizations' own sign-ins."""
        ...

    @property
    def claims(self) -> ClaimStore:
        """Keeps claims of listings."""
        ...

    @property
    def approvals(self) -> ApprovalStore:
        """Keeps highlights, and what operators decided."""
        ...

    @property
    def school_leads(self) -> SchoolLeadStore:
        """Reads leads for their school's staff."""
        ...

    @property
    def watch(self) -> WatchStore:
        """Reads what operators watch."""
        ...

    @property
    def disputes(self) -> DisputeStore:
        """Gathers everything kept of one lead."""
        ...

    @property
    def chains(self) -> ChainStore:
        """Keeps the order in which consents and audit rows were sealed."""
        ...

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit, or roll back when something was raised."""
        ...


UnitOfWorkFactory = Callable[[], UnitOfWork]
