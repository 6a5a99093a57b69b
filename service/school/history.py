"""What was changed of what an organization set up: who, when, from what to what; and back."""

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from models.domain.history import Configured
from models.domain.ids import Prefix
from service.staff.guard import identifier, insider, membership
from service.staff.pages import act, room
from service.steps import staff_history
from service.web.pages import services

_LONGEST = 60


def history() -> Response:
    """Show the list."""
    asked = request.args
    kind, before = asked.get("kind", ""), asked.get("before")
    if kind and kind not in set(Configured):
        raise NotFound
    wanted = staff_history.ChangesWanted(
        Configured(kind) if kind else None,
        asked.get("subject", "")[:_LONGEST] or None,
        identifier(Prefix.CHANGE, before) if before else None,
    )
    found = staff_history.list_changes(services(), membership().organization_id, wanted)
    return room(
        "school/history.html",
        changes=found.changes,
        next_before=found.next_before,
        wanted=wanted,
        kinds=list(Configured),
    )


def change(change_id: str) -> Response:
    """Show one change, value by value."""
    which = (membership().organization_id, identifier(Prefix.CHANGE, change_id))
    return room("school/change.html", shown_change=staff_history.view_change(services(), *which))


def take_back(change_id: str) -> Redirect:
    """Apply what held before it."""
    which = (membership().organization_id, identifier(Prefix.CHANGE, change_id))
    return act(
        lambda: staff_history.take_back(services(), insider().staff, *which),
        "school.history.taken_back",
        url_for("school.history"),
    )
