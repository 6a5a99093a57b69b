"""What was sent to a destination: the list, each delivery's tries, and sending again."""

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from models.domain.delivery import LOST, TERMINAL, DeliveryStatus
from models.domain.ids import Prefix
from service.school.destinations import own
from service.staff.guard import identifier, insider, membership
from service.staff.pages import act, done, room
from service.steps import destination_log as steps
from service.steps.set_up_destination import open_destination
from service.web.pages import services


def log(destination_id: str) -> Response:
    """Show the list."""
    which = own(destination_id)
    said, before = request.args.get("status", ""), request.args.get("before")
    if said and said not in set(DeliveryStatus):
        raise NotFound
    status = DeliveryStatus(said) if said else None
    start = identifier(Prefix.DELIVERY, before) if before else None
    found = steps.read_log(services(), which, status, start)
    return room(
        "school/destination_log.html",
        opened=open_destination(services(), *which),
        found=found,
        chosen=said,
        statuses=list(DeliveryStatus),
        replayable=not said or DeliveryStatus(said) in LOST,
    )


def delivery(delivery_id: str) -> Response:
    """Show one delivery and every try at it."""
    found = identifier(Prefix.DELIVERY, delivery_id)
    shown = steps.view_delivery(services(), membership().organization_id, found)
    settled = shown.summary.status in TERMINAL and shown.summary.lead_id is not None
    return room("school/delivery.html", delivery=shown, settled=settled)


def replay(delivery_id: str) -> Redirect:
    """Send it again."""
    found, anew = identifier(Prefix.DELIVERY, delivery_id), request.form.get("anew") == "yes"
    organization = membership().organization_id
    return act(
        lambda: steps.replay(services(), insider().staff, organization, found, anew=anew),
        "school.delivery.replayed",
        url_for("school.delivery", delivery_id=delivery_id),
    )


def replay_all(destination_id: str) -> Redirect:
    """Send again what did not arrive."""
    which, anew = own(destination_id), request.form.get("anew") == "yes"
    status = request.form.get("status", "")
    told = steps.replay_all(services(), insider().staff, which, status, anew=anew)
    address = url_for("school.destination_log", destination_id=destination_id)
    if told.refused:
        return done("school.delivery.replayed_some", address)
    return done("school.delivery.replayed_all", address)


def remove(destination_id: str) -> Redirect:
    """Take the destination away."""
    which = own(destination_id)
    return act(
        lambda: steps.remove(services(), insider().staff, which),
        "school.destination.removed",
        url_for("school.destinations"),
    )
