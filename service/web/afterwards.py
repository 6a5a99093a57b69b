"""After sending: take a request back from schools, correct it, delete it; open it from a mail."""

from dataclasses import asdict, dataclass
from datetime import datetime

import orjson
from flask import Response, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Redirect

from models.domain.afterwards import Told
from models.domain.errors import InvalidInputError, NotFoundError, UnknownIdError
from models.domain.ids import Prefix, read, show
from models.domain.school_id import read_school, show_school
from service.steps import change_request as step
from service.steps.change_request import RequestThen, SchoolThen
from service.steps.person import copy_for
from service.web import draft as drafts
from service.web.asking import read_student
from service.web.dates import moment_in_words
from service.web.failures import elsewhere
from service.web.pages import page, private, services, t, visitor
from service.web.problems import Problems, messages_of, problems_of

_CORRECTED = ("first_name", "last_name", "email", "phone")
# Where it matters how the school is told.
_SAID_OF_MAIL = frozenset({"told", "telling"})
_Page = Response | Redirect


@dataclass(frozen=True, slots=True)
class ShownChange:
    """What a school was told of a change, and when."""

    iso: str
    at: str
    words: str


def open_request(request_id: str, token: str) -> _Page:
    """Open a request in this browser by the link of its mail; the link's token goes no further."""
    services().slates.admit(visitor().address)
    try:
        identifier = read(Prefix.REQUEST, request_id)
    except UnknownIdError:
        return elsewhere()
    if not services().tokens.opens(identifier, token):
        return elsewhere()
    drafts.note_opened(drafts.SentRequest(request_id, url_for("web.start")))
    return redirect(url_for("web.confirmation", request_id=request_id), 303)


def withdraw_form(request_id: str) -> _Page:
    """Ask from which schools a request is taken back."""
    then = _mine(request_id)
    return elsewhere() if then is None else _draw_withdraw(then, Problems())


def withdraw(request_id: str) -> _Page:
    """Take a request back from the schools ticked."""
    then = _mine(request_id)
    if then is None:
        return elsewhere()
    try:
        step.withdraw(services(), then.request_id, _ticked())
    except InvalidInputError as error:
        return _draw_withdraw(then, problems_of(messages_of(error)))
    return _changed(then, "withdrawn")


def correct_form(request_id: str) -> _Page:
    """Show what a student said of themselves, to be mended."""
    then = _mine(request_id)
    if then is None or then.student is None:
        return elsewhere()
    said = asdict(then.student)
    return _draw_correct(then, {name: said[name] or "" for name in _CORRECTED}, Problems())


def correct(request_id: str) -> _Page:
    """Tell the schools what the student says now."""
    then = _mine(request_id)
    if then is None or then.student is None:
        return elsewhere()
    typed = {name: request.form.get(name, "") for name in _CORRECTED}
    if "speak" in request.form:  # asked for in another language: nothing goes on
        return _draw_correct(then, typed, Problems())
    kept = {"desired_start": then.student.desired_start or "", "age_18_or_over": "yes"}
    try:
        student = read_student({**kept, **typed})
        changed = step.correct(services(), then.request_id, student)
    except (ValidationError, InvalidInputError) as error:
        return _draw_correct(then, typed, problems_of(messages_of(error)))
    return _changed(then, "corrected" if changed else "same")


def delete_form(request_id: str) -> _Page:
    """Say what deleting does, and ask once more."""
    then = _mine(request_id)
    return elsewhere() if then is None else _draw_delete(then)


def delete(request_id: str) -> _Page:
    """Delete what is kept of the student, and ask the schools to do the same."""
    then = _mine(request_id)
    if then is None:
        return elsewhere()
    step.delete(services(), then.request_id)
    drafts.forget_student()
    return _changed(then, "deleted")


def copy(request_id: str) -> _Page:
    """Give the student everything that is kept of them, as a file; or a receipt that nothing is."""
    then = _mine(request_id)
    if then is None:
        return elsewhere()
    document = copy_for(services().unit_of_work, then.request_id)
    told = Response(orjson.dumps(document, option=orjson.OPT_INDENT_2), mimetype="application/json")
    told.headers["Content-Disposition"] = f'attachment; filename="{request_id}.json"'
    return private(told)


def form_again() -> _Page:
    """Draw a form again whose token does not fit the session: nothing of it was done."""
    then = _mine(str((request.view_args or {}).get("request_id", "")))
    if then is None:
        return elsewhere()
    stale = Problems(main=t("error.stale"))
    match request.endpoint:
        case "web.withdraw":
            return _draw_withdraw(then, stale)
        case "web.delete":
            return _draw_delete(then, stale)
        case _:
            typed = {name: request.form.get(name, "") for name in _CORRECTED}
            return _draw_correct(then, typed, stale)


def changes(school: SchoolThen) -> list[ShownChange]:
    """What a school was told since, for the page that says where a request stands."""
    return [_change(one) for one in school.told]


def _change(told: Told) -> ShownChange:
    if told.arrived:
        state, at = "told", told.settled_at or told.asked_at
    elif told.needless:
        state, at = "needless", told.asked_at
    else:
        state, at = "failed" if told.ended else "telling", told.asked_at
    if told.by_mail and state in _SAID_OF_MAIL:
        state += "_by_mail"
    return _shown(at, t(f"afterwards.{state}.{told.purpose}"))


def _shown(at: datetime, words: str) -> ShownChange:
    return ShownChange(at.isoformat(timespec="seconds"), moment_in_words(at), words)


def _mine(request_id: str) -> RequestThen | None:
    """The request, if it was sent from this browser or opened in it."""
    if drafts.sent_as(request_id) is None:
        return None
    services().slates.admit(visitor().address)
    try:
        return step.view_afterwards(services(), read(Prefix.REQUEST, request_id))
    except (InvalidInputError, NotFoundError):
        return None


def _ticked() -> set[int]:
    ticked = set()
    for shown in request.form.getlist("school_id"):
        try:
            ticked.add(read_school(shown))
        except InvalidInputError:
            continue  # not of this page
    return ticked


def _changed(then: RequestThen, what: str) -> Redirect:
    shown = show(Prefix.REQUEST, then.request_id)
    return redirect(url_for("web.confirmation", request_id=shown, changed=what), 303)


def _draw_withdraw(then: RequestThen, problems: Problems) -> Response:
    schools = [(show_school(one.unitid), one.name) for one in then.open]
    if request.method == "POST":  # what was sent stands there again, also where it was nothing
        ticked = request.form.getlist("school_id")
    else:
        only = [school for school, _ in schools] if len(schools) == 1 else []
        ticked = [request.args.get("school_id", ""), *only]
    return _draw("withdraw.html", then, problems, schools=schools, ticked=ticked)


def _draw_correct(then: RequestThen, typed: dict[str, str], problems: Problems) -> Response:
    schools = [one.name for one in then.open]
    return _draw("correct.html", then, problems, values=typed, schools=schools)


def _draw_delete(then: RequestThen, problems: Problems | None = None) -> Response:
    schools = [one.name for one in then.schools]
    return _draw("delete.html", then, problems or Problems(), schools=schools)


def _draw(template: str, then: RequestThen, problems: Problems, **values: object) -> Response:
    shown = show(Prefix.REQUEST, then.request_id)
    back = url_for("web.confirmation", request_id=shown)
    status = 422 if problems else 200
    return private(page(template, status, problems=problems, back_url=back, **values))
