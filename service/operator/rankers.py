"""Rankers: side by side, one by one, and what puts one in service, each with a reason."""

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from models.domain.challenge import MOST_SHARE, Stage
from models.domain.errors import NotFoundError
from models.domain.gate import gate_rows
from service.operator.portraits import figures, shortened
from service.staff.guard import insider
from service.staff.pages import act, room
from service.steps import staff_rankers, watch_champion
from service.web.pages import services

MOST_BESIDE = 3
_STAGES = {"shadow": Stage.SHADOW, "canary": Stage.CANARY}
_NOTICES = {Stage.SHADOW: "operator.rankers.shadowed", Stage.CANARY: "operator.rankers.drawing"}


def rankers() -> Response:
    """Show them all, and what is watched of the champion."""
    return room(
        "operator/rankers.html",
        rankers=staff_rankers.rankers(services()),
        watched=watch_champion.watched(services().unit_of_work),
        most=MOST_BESIDE,
    )


def ranker(version: str) -> Response:
    """Show one: its gate, its figures, what it was made of, and what can be done with it."""
    found = staff_rankers.rankers(services())
    try:
        record = found.named(version)
    except NotFoundError as error:
        raise NotFound from error
    return room(
        "operator/ranker.html",
        rankers=found,
        ranker=record,
        gate=gate_rows(record.card),
        figures=figures(dict.fromkeys(shortened([version]).values(), record.card)),
        served=[row for row in found.history if row.version == version],
        most_share=MOST_SHARE,
    )


def compare() -> Response:
    """Show some beside each other."""
    found = staff_rankers.rankers(services())
    asked = dict.fromkeys(request.args.getlist("version"))
    try:
        chosen = [found.named(version) for version in asked][:MOST_BESIDE]
    except NotFoundError as error:
        raise NotFound from error
    names = shortened([each.version for each in chosen])
    return room(
        "operator/compare.html",
        rankers=found,
        chosen=chosen,
        names=names,
        gates={each.version: gate_rows(each.card) for each in chosen},
        figures=figures({names[each.version]: each.card for each in chosen}),
    )


def promote(version: str) -> Redirect:
    """Make one champion."""
    return act(
        lambda: staff_rankers.promote(services(), insider().staff, version, _reason()),
        "operator.rankers.promoted",
        _back(version),
    )


def roll_back() -> Redirect:
    """Make the one before champion again."""
    return act(
        lambda: staff_rankers.roll_back(services(), insider().staff, _reason()),
        "operator.rankers.rolled_back",
        url_for("operator.rankers"),
    )


def challenge(version: str) -> Redirect:
    """Let one challenge the champion; the form says how."""
    stage = _STAGES.get(request.form.get("stage", ""))
    if stage is None:
        raise NotFound
    share = request.form.get("share", 0.0, float) if stage is Stage.CANARY else 0.0
    return act(
        lambda: staff_rankers.challenge(
            services(), insider().staff, version, (stage, share), _reason()
        ),
        _NOTICES[stage],
        _back(version),
    )


def stop() -> Redirect:
    """Take what challenges out of shadow and canary."""
    return act(
        lambda: staff_rankers.stop(services(), insider().staff, _reason()),
        "operator.rankers.stopped",
        url_for("operator.rankers"),
    )


def _reason() -> str:
    return request.form.get("reason", "")


def _back(version: str) -> str:
    """The page that the form stood on."""
    if request.form.get("from") == "ranker":
        return url_for("operator.ranker", version=version)
    return url_for("operator.rankers")
