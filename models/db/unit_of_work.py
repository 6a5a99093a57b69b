"""The unit of work on PostgreSQL."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

import structlog
from psycopg.errors import DeadlockDetected
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from models.db.crypto import Keyring
from models.db.repositories.accounts import AccountRepository
from models.db.repositories.afterwards import AfterwardsRepository
from models.db.repositories.approvals import ApprovalRepository
from models.db.repositories.campaigns import CampaignRepository
from models.db.repositories.chains import ChainRepository
from models.db.repositories.claims import ClaimRepository
from models.db.repositories.deliveries import DeliveryRepository
from models.db.repositories.destination_log import DestinationLogRepository
from models.db.repositories.destinations import DestinationRepository
from models.db.repositories.dispositions import DispositionRepository
from models.db.repositories.disputes import DisputeRepository
from models.db.repositories.feeds import FeedRepository
from models.db.repositories.history import HistoryRepository
from models.db.repositories.identity_providers import IdentityProviderRepository
from models.db.repositories.lead_exports import LeadExportRepository
from models.db.repositories.lead_reports import LeadReportRepository
from models.db.repositories.messages import MessageRepository
from models.db.repositories.office import OfficeRepository
from models.db.repositories.organizations import OrganizationRepository
from models.db.repositories.persons import PersonRepository
from models.db.repositories.publications import PublicationRepository
from models.db.repositories.publishers import PublisherRepository
from models.db.repositories.ranker_watch import RankerWatchRepository
from models.db.repositories.requests import RequestRepository
from models.db.repositories.returns import ReturnRepository
from models.db.repositories.school_leads import SchoolLeadRepository
from models.db.repositories.school_today import SchoolTodayRepository
from models.db.repositories.sessions import SessionRepository
from models.db.repositories.slates import SlateRepository
from models.db.repositories.staff import StaffRepository
from models.db.repositories.staff_sessions import StaffSessionRepository
from models.db.repositories.statements import StatementRepository
from models.db.repositories.suppressions import SuppressionRepository
from models.db.repositories.training_runs import TrainingRunRepository
from models.db.repositories.watch import WatchRepository
from models.db.repositories.written_log import WrittenLogRepository
from models.domain.errors import CollisionError

_log = structlog.get_logger(__name__)
_COLLIDED = "what another change holds"
_OUTSIDE = "a unit of work is used inside its with block"


class PostgresUnitOfWork:
    """One transaction on one pooled connection; see ``models.domain.ports.unit_of_work``."""

    def __init__(self, engine: Engine, keyring: Keyring) -> None:
        self._engine = engine
        self._keyring = keyring
        self._stack = ExitStack()
        self._connection: Connection | None = None
        self._history: HistoryRepository | None = None

    def __enter__(self) -> Self:
        """Begin."""
        self._connection = self._stack.enter_context(self._engine.begin())
        self._history = HistoryRepository(self._connection, self._keyring)
        self._stack.push(self._remember)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Commit, or roll back when something was raised.

        Raises:
            CollisionError: when another transaction stood in the way of this one.
        """
        self._connection = None
        self._stack.__exit__(kind, error, trace)
        if isinstance(error, OperationalError) and isinstance(error.orig, DeadlockDetected):
            _log.warning("collided")
            raise CollisionError(_COLLIDED, 1) from error

    @property
    def slates(self) -> SlateRepository:
        """Keeps searches, slates and the pages served."""
        return SlateRepository(self._open(), self._keyring)

    @property
    def requests(self) -> RequestRepository:
        """Keeps requests, leads, consents and the places they hold under caps."""
        return RequestRepository(self._open(), self._keyring)

    @property
    def afterwards(self) -> AfterwardsRepository:
        """Withdraws, corrects and deletes requests, and knows what schools were told of it."""
        return AfterwardsRepository(self._open(), self._keyring)

    @property
    def campaigns(self) -> CampaignRepository:
        """Keeps campaigns and their versioned settings."""
        return CampaignRepository(self._open(), self._keyring, self.history)

    @property
    def office(self) -> OfficeRepository:
        """Reads what an operator looks after, of all organizations."""
        return OfficeRepository(self._open(), self._keyring)

    @property
    def persons(self) -> PersonRepository:
        """Finds, copies and erases what is kept of persons."""
        return PersonRepository(self._open(), self._keyring)

    @property
    def organizations(self) -> OrganizationRepository:
        """Keeps organizations, the schools they own and their API keys."""
        return OrganizationRepository(self._open(), self._keyring, self.history)

    @property
    def destinations(self) -> DestinationRepository:
        """Keeps destinations, their versioned settings, secrets and state."""
        return DestinationRepository(self._open(), self._keyring, self.history)

    @property
    def deliveries(self) -> DeliveryRepository:
        """The ledger of deliveries and attempts."""
        return DeliveryRepository(self._open(), self._keyring)

    @property
    def messages(self) -> MessageRepository:
        """Keeps mail to students until it is sent."""
        return MessageRepository(self._open(), self._keyring)

    @property
    def suppressions(self) -> SuppressionRepository:
        """Keeps which addresses must not be used; every claim reads it."""
        return SuppressionRepository(self._open(), self._keyring)

    @property
    def feeds(self) -> FeedRepository:
        """Reads what was put into feeds."""
        return FeedRepository(self._open(), self._keyring)

    @property
    def dispositions(self) -> DispositionRepository:
        """Keeps what schools say happened to their leads."""
        return DispositionRepository(self._open(), self._keyring)

    @property
    def statements(self) -> StatementRepository:
        """Keeps what organizations owe."""
        return StatementRepository(self._open(), self._keyring)

    @property
    def returns(self) -> ReturnRepository:
        """Reads what schools may return, and what they did."""
        return ReturnRepository(self._open())

    @property
    def school_today(self) -> SchoolTodayRepository:
        """Reads what needs a school's staff today."""
        return SchoolTodayRepository(self._open())

    @property
    def lead_reports(self) -> LeadReportRepository:
        """Counts what came of schools' leads."""
        return LeadReportRepository(self._open())

    @property
    def lead_exports(self) -> LeadExportRepository:
        """Keeps links to tables of leads."""
        return LeadExportRepository(self._open())

    @property
    def publications(self) -> PublicationRepository:
        """Knows which catalog is published and which ranker is champion."""
        return PublicationRepository(self._open(), self._keyring)

    @property
    def publishers(self) -> PublisherRepository:
        """Keeps publishers, and counts what came from their pages."""
        return PublisherRepository(self._open())

    @property
    def sessions(self) -> SessionRepository:
        """Keeps server-side sessions."""
        return SessionRepository(self._open(), self._keyring)

    @property
    def training_runs(self) -> TrainingRunRepository:
        """Keeps training runs."""
        return TrainingRunRepository(self._open())

    @property
    def ranker_watch(self) -> RankerWatchRepository:
        """Reads what came of what the champion served, and keeps what was found."""
        return RankerWatchRepository(self._open())

    @property
    def written_log(self) -> WrittenLogRepository:
        """Writes the log down, to be put into files."""
        return WrittenLogRepository(self._open())

    @property
    def staff(self) -> StaffRepository:
        """Keeps staff with what opens their accounts."""
        return StaffRepository(self._open(), self._keyring, self.history)

    @property
    def staff_sessions(self) -> StaffSessionRepository:
        """Keeps staff's sessions."""
        return StaffSessionRepository(self._open(), self._keyring)

    @property
    def destination_log(self) -> DestinationLogRepository:
        """Reads what was sent to an organization's destinations."""
        return DestinationLogRepository(self._open(), self._keyring)

    @property
    def history(self) -> HistoryRepository:
        """Keeps what was changed of the configuration; one for the whole transaction."""
        if self._history is None:
            raise RuntimeError(_OUTSIDE)
        return self._history

    @property
    def accounts(self) -> AccountRepository:
        """Keeps what stands around the accounts of staff."""
        return AccountRepository(self._open(), self._keyring)

    @property
    def identity_providers(self) -> IdentityProviderRepository:
        """Keeps organizations' own sign-ins."""
        return IdentityProviderRepository(self._open(), self._keyring, self.history)

    @property
    def claims(self) -> ClaimRepository:
        """Keeps claims of listings."""
        return ClaimRepository(self._open(), self._keyring, self.history)

    @property
    def approvals(self) -> ApprovalRepository:
        """Keeps highlights, and what operators decided."""
        return ApprovalRepository(self._open(), self.history)

    @property
    def school_leads(self) -> SchoolLeadRepository:
        """Reads leads for their school's staff."""
        return SchoolLeadRepository(self._open(), self._keyring)

    @property
    def watch(self) -> WatchRepository:
        """Reads what operators watch."""
        return WatchRepository(self._open(), self._keyring)

    def _remember(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Write the history of what this transaction changed, as the last thing in it."""
        history, self._history = self._history, None
        if kind is None and history is not None:
            history.write()

    @property
    def disputes(self) -> DisputeRepository:
        """Gathers everything kept of one lead."""
        return DisputeRepository(self._open(), self._keyring)

    @property
    def chains(self) -> ChainRepository:
        """Keeps the order in which consents and audit rows were sealed."""
        return ChainRepository(self._open(), self._keyring)

    def _open(self) -> Connection:
        if self._connection is None:
            raise RuntimeError(_OUTSIDE)
        return self._connection
