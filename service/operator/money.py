"""What an operator should look at before somebody complains: caps near their end, and refusals."""

from flask import Response

from models.domain.campaign_changes import money as amount
from service.staff.pages import room
from service.steps import staff_money
from service.web.pages import services


def money() -> Response:
    """Show campaigns about to be full, and schools that refuse more than they used to."""
    return room("operator/money.html", watch=staff_money.watch_money(services()), money=amount)
