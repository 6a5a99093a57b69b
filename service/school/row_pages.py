"""Fields and outcome rules of a destination: changed row by row, tried before they are kept."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import ConflictError, InvalidInputError
from models.exchange.kinds.declaration import Typed
from models.exchange.mapping_check import KNOWN_SOURCES
from models.exchange.outcome_rules import Judged
from models.exchange.presets import PRESETS
from models.exchange.requests import Preview
from service.school.destinations import own
from service.school.row_forms import (
    COLUMNS,
    read_rows,
    row_problems,
    shown_rows,
    typed_rows,
    with_new,
)
from service.staff.guard import insider
from service.staff.pages import done, typed_room, wrong
from service.steps import set_up_destination as steps
from service.steps import try_destination
from service.web.pages import services
from service.web.problems import Problems

_Rows = dict[str, list[dict[str, str]]]


def mapping(destination_id: str) -> Response | Redirect:
    """Show what goes where, and what a sample lead would make of it."""
    opened = _open(destination_id, Typed.MAPPING)
    if opened is None:
        return _no_rows(destination_id)
    return _mapping(opened, _kept(opened, Typed.MAPPING), Problems(), 200)


def save_mapping(destination_id: str) -> Response | Redirect:
    """Show what was typed on a sample lead, or keep it."""
    return _save(destination_id, Typed.MAPPING, _mapping)


def rules(destination_id: str) -> Response | Redirect:
    """Show what answers mean."""
    opened = _open(destination_id, Typed.RULES)
    if opened is None:
        return _no_rows(destination_id)
    return _rules(opened, _kept(opened, Typed.RULES), Problems(), 200)


def save_rules(destination_id: str) -> Response | Redirect:
    """Try an answer on what was typed, or keep it."""
    return _save(destination_id, Typed.RULES, _rules)


def _save(
    destination_id: str,
    typed: Typed,
    draw: Callable[[steps.Opened, _Rows, Problems, int], Response],
) -> Response | Redirect:
    opened = _open(destination_id, typed)
    if opened is None:
        return _no_rows(destination_id)
    rows = {each.name: typed_rows(request.form, each.name, typed) for each in opened.listed(typed)}
    if request.form.get("do") != "save":
        return draw(opened, rows, Problems(), 200)
    address = url_for("school.destination", destination_id=destination_id)
    which, version = own(destination_id), request.form.get("version", "")
    try:
        steps.save_rows(services(), insider().staff, which, _read(rows, typed), version)
    except InvalidInputError as error:
        return draw(opened, rows, row_problems(error.messages, rows, typed), 422)
    except ConflictError:
        now = _open(destination_id, typed)
        return _no_rows(destination_id) if now is None else draw(now, rows, Problems(), 409)
    return done("school.destination.saved", address)


def _mapping(opened: steps.Opened, rows: _Rows, problems: Problems, status: int) -> Response:
    previews: tuple[Preview, ...] = ()
    preset = PRESETS.get(opened.destination.settings.get("preset", ""))
    if not problems:
        try:
            previews = try_destination.preview(opened, _read(rows, Typed.MAPPING))
        except InvalidInputError as error:
            problems = row_problems(error.messages, rows, Typed.MAPPING)
    return typed_room(
        "school/destination_mapping.html",
        status,
        opened.destination.version,
        problems=problems,
        previews=previews,
        sources=KNOWN_SOURCES,
        lead_id=preset.lead_id if preset else None,
        **_drawn(opened, rows, Typed.MAPPING),
    )


def _rules(opened: steps.Opened, rows: _Rows, problems: Problems, status: int) -> Response:
    do, judged = request.form.get("do", ""), None
    _, _, sample = do.partition("sample:")
    setting, _, chosen = sample.partition(":")
    names = [each.name for each in opened.listed(Typed.RULES)]
    tested = setting or request.form.get("tested", "")
    tested = tested if tested in names else names[-1]
    answer = _answer(opened, tested, chosen)
    if not problems and do.startswith(("test", "sample")):
        judged, problems = _judge(_read(rows, Typed.RULES)[tested], answer, rows)
    return typed_room(
        "school/destination_rules.html",
        status,
        opened.destination.version,
        problems=problems,
        judged=judged,
        tested=tested,
        answer=answer,
        samples=[(name, try_destination.samples_of(opened, name)) for name in names],
        **_drawn(opened, rows, Typed.RULES),
    )


def _judge(
    written: list[dict[str, Any]], answer: try_destination.AnswerTyped, rows: _Rows
) -> tuple[Judged | None, Problems]:
    try:
        return try_destination.judge_answer(services(), written, answer), Problems()
    except InvalidInputError as error:
        if {"code", "body"} & error.messages.keys():
            return None, wrong(error)
        return None, row_problems(error.messages, rows, Typed.RULES)


def _answer(opened: steps.Opened, tested: str, chosen: str) -> try_destination.AnswerTyped:
    """The answer that was pasted, or the sample that was clicked."""
    for each in try_destination.samples_of(opened, tested):
        if each.name == chosen:
            return try_destination.AnswerTyped(str(each.code), "", each.body)
    typed = request.form
    return try_destination.AnswerTyped(
        typed.get("code", "200"), typed.get("headers", ""), typed.get("body", "")
    )


def _drawn(opened: steps.Opened, rows: _Rows, typed: Typed) -> dict[str, Any]:
    return {
        "opened": opened,
        "lists": [(each, with_new(rows[each.name], typed)) for each in opened.listed(typed)],
        "columns": COLUMNS[typed],
    }


def _open(destination_id: str, typed: Typed) -> steps.Opened | None:
    """Read a destination; None when its kind has no such rows."""
    opened = steps.open_destination(services(), *own(destination_id))
    return opened if opened.listed(typed) else None


def _no_rows(destination_id: str) -> Redirect:
    """Go where there is something to set."""
    return redirect(url_for("school.destination", destination_id=destination_id), 303)


def _kept(opened: steps.Opened, typed: Typed) -> _Rows:
    return {each.name: shown_rows(opened.written(each), typed) for each in opened.listed(typed)}


def _read(rows: Mapping[str, list[dict[str, str]]], typed: Typed) -> dict[str, Any]:
    return {name: read_rows(each, typed) for name, each in rows.items()}
