"""Leads as a table for spreadsheets, as a school exports them from its room.

Who withdrew, was erased, or wants to be contacted no more stands there with a status and without
anything personal; of the others only what they agreed to be told.
"""

from collections.abc import Sequence

from models.domain.campaign_changes import decimal
from models.domain.ids import Prefix, show
from models.domain.school_lead import SchoolLead

EXPORT_COLUMNS = (
    *("lead_id", "asked_at", "status", "school", "programs", "placement", "campaign", "price"),
    *("currency", "state", "first_name", "last_name", "email", "phone", "desired_start"),
    "consented_channels",
)
_PERSONAL = ("first_name", "last_name", "email", "phone", "desired_start")


def export_row(lead: SchoolLead) -> Sequence[str]:
    """Write a lead's cells."""
    student = {} if lead.withheld or lead.student is None else lead.student
    minor, currency = lead.price or (None, "")
    return (
        show(Prefix.LEAD, lead.id),
        f"{lead.created_at:%Y-%m-%dT%H:%M:%SZ}",
        lead.status.value,
        lead.school_name,
        "; ".join(lead.programs),
        "Sponsored" if lead.sponsored else "Organic",
        lead.campaign_name or "",
        "" if minor is None else decimal(minor, currency),
        currency,
        lead.jurisdiction,
        *(str(student.get(name) or "") for name in _PERSONAL),
        " ".join(lead.channels) if student else "",
    )
