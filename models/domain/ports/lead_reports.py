"""Port: counts what came of an organization's leads."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from models.domain.lead_report import LeadReport


class LeadReportStore(Protocol):
    """Counts what came of an organization's leads."""

    def report(self, organization_id: UUID, since: datetime, until: datetime) -> LeadReport:
        """Count the leads asked for from ``since`` on, before ``until``."""
        ...
