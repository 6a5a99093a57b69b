"""Training: what runs and how far it is, asking for a run, ending one."""

from math import isfinite

from flask import Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix
from models.domain.training import Step, Wishes
from service.said import say
from service.staff.guard import identifier, insider
from service.staff.pages import act, room
from service.steps import staff_training
from service.web.pages import services

# Seconds between two looks of who follows a run; it is the browser that asks, as anybody could.
FOLLOW_EVERY = 5


def training() -> Response:
    """Show the runs; who follows has the page loaded anew for as long as one is open."""
    with services().unit_of_work() as work:
        found = staff_training.training(work, services().clock.now())
    follows = "follow" in request.args and found.open is not None
    response = room(
        "operator/training.html",
        training=found,
        steps=tuple(Step),
        follows=follows,
        every=FOLLOW_EVERY,
        now=services().clock.now(),
    )
    if follows:
        response.headers["Refresh"] = str(FOLLOW_EVERY)
    return response


def ask() -> Redirect:
    """Ask for a run."""
    return act(
        lambda: staff_training.ask_from_console(
            services(), insider().staff, _wishes(), request.form.get("reason", "")
        ),
        "operator.training.asked",
        url_for("operator.training", follow=1),
    )


def cancel(run_id: str) -> Redirect:
    """End a run."""
    found = identifier(Prefix.TRAINING_RUN, run_id)
    return act(
        lambda: staff_training.cancel_from_console(
            services(), insider().staff, found, request.form.get("reason", "")
        ),
        "operator.training.cancelled",
        url_for("operator.training"),
    )


def _wishes() -> Wishes:
    click_gain, request_gain = (_gain(name) for name in ("click_gain", "request_gain"))
    if click_gain + request_gain == 0:
        raise InvalidInputError({"click_gain": [say("gains_zero")]})
    return Wishes(
        real_only="real_only" in request.form, click_gain=click_gain, request_gain=request_gain
    )


def _gain(name: str) -> float:
    value = request.form.get(name, -1.0, float)
    if not isfinite(value) or value < 0:
        raise InvalidInputError({name: [say("gain_format")]})
    return value
