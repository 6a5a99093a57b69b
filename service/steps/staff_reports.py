"""A school's reports: what came of its leads, and what they cost, over a stretch of days."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from models.domain.lead_report import By, LeadReport
from service.services import Services
from service.steps.staff_lead_lists import program_titles


def view_report(
    services: Services, organization_id: UUID, since: datetime, until: datetime
) -> tuple[LeadReport, Mapping[str, str]]:
    """Count an organization's leads, asked for from ``since`` on, before ``until``.

    Returns:
        The report, and the titles of its programs by id.
    """
    with services.unit_of_work() as work:
        report = work.lead_reports.report(organization_id, since, until)
    return report, program_titles(services, tuple(report.groups[By.PROGRAM]))
