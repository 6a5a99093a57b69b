"""Deliveries that did not arrive, and sending one again as it was."""

from flask import Response, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.delivery import TERMINAL
from models.domain.ids import Prefix
from service.staff.guard import identifier, insider
from service.staff.pages import act, room
from service.steps import staff_operating
from service.web.pages import services


def deliveries() -> Response:
    """Show them, newest first."""
    found = staff_operating.troubled_deliveries(services())
    return room("operator/deliveries.html", deliveries=found, settled=TERMINAL)


def replay(delivery_id: str) -> Redirect:
    """Send one again."""
    found = identifier(Prefix.DELIVERY, delivery_id)
    return act(
        lambda: staff_operating.replay(services(), insider().staff, found),
        "operator.deliveries.replayed",
        url_for("operator.deliveries"),
    )
