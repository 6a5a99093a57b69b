"""The first page: one form."""

import structlog
from flask import Response, request

from matcher.regions import REGIONS
from models.domain.levels import EducationLevel
from service.messages.names import by_name, region_name
from service.web.languages import canonical_url
from service.web.names import plain_name
from service.web.pages import locale, page, private, services
from service.web.problems import Problems
from service.web.query import ANSWERS, CAME_FROM, Query
from service.web.saved import may_be_saved, saved_until, take_back
from service.web.stepping import STUDY, step_url

# What a form that is drawn again carries on, though this page does not ask for it.
_KEPT = ("format", "max_distance_miles", "hide_sponsored", *CAME_FROM)
_log = structlog.get_logger(__name__)


def start() -> Response:
    """Draw the empty form, or the one whose answers are being changed."""
    typed = Query(request.args.items(multi=True))
    if not may_be_saved():
        return draw_start(typed, Problems())
    until = _saved_until()
    shown = private(draw_start(typed, Problems(), saved=until or ""))
    if until == "":
        take_back(shown)
    return shown


def _saved_until() -> str | None:
    """Until when something is saved on this browser; None: that cannot be known now."""
    try:
        return saved_until()
    except Exception as error:  # noqa: BLE001 - whatever it is, a search can begin without it
        _log.warning("saved_not_found", error=type(error).__name__)
        return None


def draw_start(typed: Query, problems: Problems, status: int = 200, *, saved: str = "") -> Response:
    """Draw the form with what was typed and what is wrong with it.

    Args:
        typed: the answers.
        problems: what is wrong.
        status: what the answer's status is.
        saved: until when something is saved on this browser, if anything is.
    """
    chosen = typed.get("field") if typed.get("field") in services().fields.cips else ""
    return page(
        "start.html",
        status,
        values={name: typed.get(name) for name in ANSWERS},
        problems=problems.in_order(ANSWERS),
        saved=saved,
        education_levels=[str(level) for level in EducationLevel],
        region_groups=region_groups(),
        kept=[(name, typed.get(name)) for name in _KEPT if name in typed],
        field=chosen,
        field_name=plain_name(chosen),
        study_url=step_url(STUDY, typed.anew, change="1"),
        canonical_url="" if problems else canonical_url("web.start"),
    )


def region_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """The states and provinces to choose from, by code and name."""
    return [("states", _regions("US")), ("provinces", _regions("CA"))]


def _regions(country: str) -> list[tuple[str, str]]:
    # Military postal regions are not places to study in; their ZIPs are understood all the same.
    found = [
        (region.code, region_name(locale(), region.code))
        for region in REGIONS.values()
        if region.country == country and not region.military
    ]
    return sorted(found, key=lambda named: by_name(named[1]))
