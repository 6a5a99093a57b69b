"""Returns: what is left of each quota, and what was given back."""

from flask import Response

from models.domain.campaign_changes import money
from service.staff.guard import membership
from service.staff.pages import room
from service.steps import staff_returns
from service.web.pages import services


def returns() -> Response:
    """Show quotas and returns."""
    found = staff_returns.view_returns(services(), membership().organization_id)
    days = staff_returns.SHOWN_DAYS
    return room("school/returns.html", returns=found, days=days, money=money)
