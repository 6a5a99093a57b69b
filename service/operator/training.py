"""Training: what runs and how far it is, asking for a run, ending one."""

from dataclasses import replace
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from flask import Response, request, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix
from models.domain.matching import PAGE_SIZE
from models.domain.training import AttentionFrom, Step, Wishes, is_attention
from service.said import say
from service.staff.guard import identifier, insider
from service.staff.pages import act, room
from service.steps import staff_training
from service.web.pages import services

# Seconds between two looks of who follows a run; it is the browser that asks, as anybody could.
FOLLOW_EVERY = 5
_MOST_SEED = 2**32 - 1


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
        places=PAGE_SIZE,
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
    wishes = Wishes(
        since=_moment("since"),
        real_only="real_only" in request.form,
        click_gain=click_gain,
        request_gain=request_gain,
        seed=_seed(),
        until=_moment("until"),
    )
    return replace(wishes, **_attention())


def _gain(name: str) -> float:
    value = request.form.get(name, -1.0, float)
    if not isfinite(value) or value < 0:
        raise InvalidInputError({name: [say("gain_format")]})
    return value


def _moment(name: str) -> datetime | None:
    """Read a moment, or a day for its beginning, UTC; None where none was typed."""
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInputError({name: [say("training_moment")]}) from None


def _seed() -> int:
    seed = request.form.get("seed", -1, int)
    if not 0 <= seed <= _MOST_SEED:
        raise InvalidInputError({"seed": [say("seed_format", most=str(_MOST_SEED))]})
    return seed


def _attention() -> dict[str, Any]:
    """Read what tells of attention: numbers that were typed, swaps, or else all clicks."""
    typed, swaps = request.form.get("attention", "").strip(), "swaps" in request.form
    if not typed:
        return {"attention_from": AttentionFrom.SWAPS if swaps else AttentionFrom.CLICKS}
    try:
        given = tuple(float(each) for each in typed.split(","))
    except ValueError:
        given = ()
    if swaps or not is_attention(given):
        raise InvalidInputError({"attention": [say("attention_format", count=str(PAGE_SIZE))]})
    return {"attention_from": AttentionFrom.GIVEN, "attention": given}
