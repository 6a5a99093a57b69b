"""Destinations: what they are, without secrets; test, pause and resume."""

from collections.abc import Callable

from flask import Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.ids import Prefix
from service.staff.guard import identifier, insider, membership
from service.staff.pages import act, room
from service.steps import staff_destinations
from service.web.pages import services


def destinations() -> Response:
    """Show them all."""
    found = staff_destinations.list_destinations(services(), membership().organization_id)
    return room("school/destinations.html", destinations=found)


def add_email() -> Redirect:
    """Let leads come by e-mail."""
    organization, address = membership().organization_id, request.form.get("to", "")
    return _act(
        lambda: staff_destinations.add_email(services(), insider().staff, organization, address),
        "school.destinations.added",
    )


def test(destination_id: str) -> Redirect:
    """Send a test there."""
    which = (membership().organization_id, identifier(Prefix.DESTINATION, destination_id))
    return _act(
        lambda: staff_destinations.test(services(), insider().staff, *which),
        "school.destinations.test_sent",
    )


def pause(destination_id: str) -> Redirect:
    """Take no new requests there."""
    which = (membership().organization_id, identifier(Prefix.DESTINATION, destination_id))
    return _act(
        lambda: staff_destinations.pause(services(), insider().staff, *which),
        "school.destinations.paused",
    )


def resume(destination_id: str) -> Redirect:
    """Take requests there again."""
    which = (membership().organization_id, identifier(Prefix.DESTINATION, destination_id))
    return _act(
        lambda: staff_destinations.resume(services(), insider().staff, *which),
        "school.destinations.resumed",
    )


def _act(action: Callable[[], object], notice: str) -> Redirect:
    return act(action, notice, url_for("school.destinations"))
