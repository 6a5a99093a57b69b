"""Port: what an operator looks after."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from models.domain.office import AddressKind, KeptPeople, OrganizationState, ReturnsOf, Stopped


class OfficeStore(Protocol):
    """Reads what an operator looks after, of all organizations."""

    def organizations(self, since: datetime) -> Sequence[OrganizationState]:
        """Every organization by name, with what came to it since a moment."""
        ...

    def returns(self, oldest: str) -> Sequence[ReturnsOf]:
        """What campaigns returned, from a month such as ``2026-09`` on, newest first."""
        ...

    def people(self) -> KeptPeople:
        """How many persons are kept, and were erased."""
        ...

    def stopped(self) -> Sequence[Stopped]:
        """How many addresses must not be used."""
        ...

    def is_stopped(self, kind: AddressKind, address: str) -> bool:
        """Whether an address must not be used."""
        ...

    def stop(self, kind: AddressKind, address: str, now: datetime) -> bool:
        """Let nobody use an address any more; tells whether it was used until now."""
        ...

    def allow(self, kind: AddressKind, address: str) -> bool:
        """Take back what ``stop`` did, and nothing that its owner did."""
        ...

    def overdue_deliveries(self) -> int:
        """How many deliveries have been due for ten minutes and were not begun."""
        ...

    def stuck_mail(self) -> int:
        """How many messages to students failed or expired within a day."""
        ...

    def unsealed(self) -> int:
        """How many consents and audit rows have waited a minute for their place in the chain."""
        ...

    def failing_destinations(self) -> int:
        """How many destinations of schools are switched off by us, or do not answer."""
        ...
