"""Destinations: what they are, without secrets; test, pause and resume."""

from collections.abc import Callable
from uuid import UUID

from flask import Response, session, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.ids import Prefix
from models.exchange.kinds.declaration import Typed
from models.exchange.presets import PRESETS
from service.staff.guard import identifier, insider, membership
from service.staff.pages import act, room
from service.steps import staff_destinations
from service.steps.destination_log import waiting
from service.steps.set_up_destination import open_destination
from service.steps.signing_keys import live_keys
from service.web.pages import services


def destinations() -> Response:
    """Show them all."""
    found = staff_destinations.list_destinations(services(), membership().organization_id)
    return room("school/destinations.html", destinations=found)


def destination(destination_id: str) -> Response:
    """Show one: how far its set-up is, what is set, what was sent there."""
    which = own(destination_id)
    found = staff_destinations.view_destination(services(), *which)
    opened = open_destination(services(), *which)
    return room(
        "school/destination.html",
        one=found,
        opened=opened,
        mapping=opened.listed(Typed.MAPPING),
        rules=opened.listed(Typed.RULES),
        waiting=waiting(services(), which[1]),
        live_keys=live_keys(services(), which),
        new_key=session.pop("signing_key", None),
        preset=PRESETS.get(str(found.destination.settings.get("preset", ""))),
        secrets=[each.label for each in opened.kind.settings if each.name in opened.secrets],
    )


def own(destination_id: str) -> tuple[UUID, UUID]:
    """Name a destination that an address names: the organization that asks, and its id."""
    return membership().organization_id, identifier(Prefix.DESTINATION, destination_id)


def test(destination_id: str) -> Redirect:
    """Send a test there."""
    which = own(destination_id)
    return _act(
        lambda: staff_destinations.test(services(), insider().staff, *which),
        "school.destinations.test_sent",
        destination_id,
    )


def pause(destination_id: str) -> Redirect:
    """Take no new requests there."""
    which = own(destination_id)
    return _act(
        lambda: staff_destinations.pause(services(), insider().staff, *which),
        "school.destinations.paused",
        destination_id,
    )


def resume(destination_id: str) -> Redirect:
    """Take requests there again."""
    which = own(destination_id)
    return _act(
        lambda: staff_destinations.resume(services(), insider().staff, *which),
        "school.destinations.resumed",
        destination_id,
    )


def _act(action: Callable[[], object], notice: str, destination_id: str) -> Redirect:
    return act(action, notice, url_for("school.destination", destination_id=destination_id))
