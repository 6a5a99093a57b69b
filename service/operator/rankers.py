"""Rankers: which serves, and putting another in its place, with a reason."""

from flask import Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from service.staff.guard import insider
from service.staff.pages import act, room
from service.steps import staff_operating
from service.web.pages import services


def rankers() -> Response:
    """Show them all."""
    return room("operator/rankers.html", rankers=staff_operating.rankers(services()))


def promote(version: str) -> Redirect:
    """Make one champion."""
    reason = request.form.get("reason", "")
    return act(
        lambda: staff_operating.promote(services(), insider().staff, version, reason),
        "operator.rankers.promoted",
        url_for("operator.rankers"),
    )


def roll_back() -> Redirect:
    """Make the one before champion again."""
    reason = request.form.get("reason", "")
    return act(
        lambda: staff_operating.roll_back(services(), insider().staff, reason),
        "operator.rankers.rolled_back",
        url_for("operator.rankers"),
    )
