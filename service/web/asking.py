"""Asking schools: which ones, and who you are. Nothing is sent from here."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, read, show
from models.domain.levels import may_send_requests
from models.domain.matching import RequestChannel
from models.domain.request import MOST_SCHOOLS, Student
from service.api.v1.schemas_request import RequestFormSchema, StudentSchema
from service.said import say
from service.steps.find_matches import look_again
from service.steps.outputs import Matches, ShownListing
from service.steps.record_events import record_started
from service.steps.request_form import request_form as prepare
from service.web import draft as drafts
from service.web.dates import month_in_words
from service.web.failures import slate_gone
from service.web.guarding import trapped
from service.web.may_ask import refusal
from service.web.pages import locale, page, private, services, t, visitor
from service.web.problems import Problems, messages_of, problems_of
from service.web.query import Query
from service.web.results import demonstration

MONTHS_AHEAD = 18
# As they follow on the page; of a field named twice the first place counts.
_FIELDS = tuple(dict.fromkeys(("listing_ids", "age_18_or_over", *drafts.STUDENT_FIELDS)))


@dataclass(frozen=True, slots=True)
class Choice:
    """A listing whose school takes requests here."""

    id: str
    school: str
    credential: str
    title: str
    sponsored: bool
    chosen: bool


def request_form() -> Response | Redirect:
    """Draw the form, with what is known already."""
    slate_id = request.args.get("slate_id", "")
    followed = request.args.getlist("listing_id")
    # What was chosen in a form before, and saved: no link was followed for it now.
    chosen = [*request.args.getlist("chosen_id"), *followed]
    number = request.args.get("page", "1")
    going_on = drafts.draft()
    if going_on and slate_id in {"", going_on.slate_id}:
        slate_id = going_on.slate_id
        number = request.args.get("page", str(going_on.page))
        chosen = [*going_on.listing_ids, *chosen]
    if not slate_id:
        return redirect(url_for("web.start"))
    typed = dict(drafts.student())
    try:
        matches = _matches(slate_id, number)
    except InvalidInputError:
        return slate_gone()
    # After the slate is found: a counter that is away must not make its store look away too.
    services().slates.admit(visitor().address)
    before = refusal(matches, typed.get("age_18_or_over", ""))
    if before is not None:
        return before
    _begin(matches, followed)
    if request.args.get("age_18_or_over") == "yes":
        typed["age_18_or_over"] = "yes"
    return _draw_matches(matches, chosen, typed, Problems())


def _begin(matches: Matches, followed: list[str]) -> None:
    """Keep whose links were followed to the form."""
    here = (one for one in matches.listings if one.request is RequestChannel.HERE)
    begun = [one for one in here if one.id in followed]
    record_started(services(), matches.slate.id, begun, clicked=True)


def ask() -> Response | Redirect:
    """Take the form: keep it and go on, or say what is wrong."""
    typed = request.form
    slate_id, chosen = typed.get("slate_id", ""), typed.getlist("listing_ids")
    if "speak" in typed:  # asked for in another language: nothing goes on
        return draw_typed(Problems())
    problems = _check(slate_id, chosen, typed.to_dict())
    if "slate_id" in problems:
        return slate_gone()
    if problems:
        return draw_typed(problems)
    number = int(read_number(typed.get("page", "")))
    key = services().randomness(16).hex()
    drafts.keep(drafts.Draft(slate_id, number, chosen, key), typed.to_dict())
    return redirect(url_for("web.check", slate_id=slate_id), 303)


def ask_again() -> Response:
    """Draw the form with what was typed into a page that had been open for too long."""
    return draw_typed(Problems(main=t("error.stale")))


def draw_typed(problems: Problems) -> Response:
    """Draw the form with what was typed and what is wrong with it."""
    typed = request.form
    return _draw(
        typed.get("slate_id", ""),
        typed.get("page", "1"),
        typed.getlist("listing_ids"),
        typed.to_dict(),
        problems,
    )


def read_student(typed: dict[str, str]) -> Student:
    """Read the student's details by the rules of the API.

    Raises:
        ValidationError: with a message for each field.
    """
    known = {name: typed[name] for name in drafts.STUDENT_FIELDS if name in typed}
    student: Student = StudentSchema().load(known)
    return student


def read_number(typed: str) -> str:
    """A page's number as a link carries it; the first page when it is none."""
    return typed if re.fullmatch("[1-9][0-9]{0,3}", typed) else "1"


def _check(slate_id: str, chosen: list[str], typed: dict[str, str]) -> Problems:
    problems = Problems()
    level = None
    if trapped():
        problems["main"] = t("error.trapped")
    try:
        asked = RequestFormSchema().load({"slate_id": slate_id, "listing_ids": chosen})
        form = prepare(services(), asked["slate_id"], tuple(asked["listing_ids"]), locale())
        level = form.slate.answers.education_level
    except (ValidationError, InvalidInputError) as error:
        problems.update(problems_of(messages_of(error)))
    try:
        student = read_student(typed)
        if level and not may_send_requests(level, age_18_or_over=student.age_18_or_over):
            wrong = "no_diploma" if student.age_18_or_over else "under_18"
            problems["age_18_or_over"] = t(f"error.{say(wrong).key}")
    except ValidationError as error:
        problems.update(problems_of(messages_of(error)))
    return problems


def _draw(
    slate_id: str, number: str, chosen: list[str], typed: dict[str, Any], problems: Problems
) -> Response:
    try:
        matches = _matches(slate_id, number)
    except InvalidInputError:
        return slate_gone()
    return _draw_matches(matches, chosen, typed, problems)


def _matches(slate_id: str, number: str) -> Matches:
    return look_again(services(), read(Prefix.SLATE, slate_id), int(read_number(number)))


def _draw_matches(
    matches: Matches, chosen: list[str], typed: dict[str, Any], problems: Problems
) -> Response:
    listed = _listed(matches, chosen)
    shown = page(
        "request.html",
        422 if problems else 200,
        problems=problems.in_order(_FIELDS),
        choices=_choices(matches, listed),
        closed=[] if "listing_ids" in problems else _closed(listed),
        values=typed,
        months=_months(services().clock.now()),
        slate_id=show(Prefix.SLATE, matches.slate.id),
        page=matches.page.page,
        results_url=Query.of_slate(matches.slate).setting(page=matches.page.page).url(),
        most_schools=MOST_SCHOOLS,
        demonstration=demonstration(matches),
    )
    return private(shown)


def _listed(matches: Matches, chosen: list[str]) -> tuple[ShownListing, ...]:
    """The listings chosen before, also from other pages of the slate and of schools that closed."""
    ids = tuple(chosen)
    try:
        form = prepare(services(), matches.slate.id, ids, locale(), chosen_before=True)
    except InvalidInputError:
        on_page = (shown for shown in matches.listings if shown.id in chosen)
        return tuple(on_page)
    return tuple(shown for school in form.schools for shown in school.listings)


def _closed(listed: tuple[ShownListing, ...]) -> list[str]:
    """Schools that were chosen and take no requests here any more, by name."""
    closed = (shown for shown in listed if shown.request is not RequestChannel.HERE)
    return list(dict.fromkeys(shown.listing.school.name for shown in closed))


def _choices(matches: Matches, listed: tuple[ShownListing, ...]) -> list[Choice]:
    """What was chosen, then what else on the page takes requests here."""
    chosen = {shown.id for shown in listed}
    others = [shown for shown in matches.listings if shown.id not in chosen]
    return [
        Choice(
            id=shown.id,
            school=shown.listing.school.name,
            credential=t(f"credential_level.{shown.listing.program.credential_level}"),
            title=shown.listing.program.title,
            sponsored=shown.listing.sponsored,
            chosen=shown.id in chosen,
        )
        for shown in (*listed, *others)
        if shown.request is RequestChannel.HERE
    ]


def _months(now: datetime) -> list[tuple[str, str]]:
    """The months in which one may start, from this one on."""
    first = now.year * 12 + now.month - 1
    months = (divmod(number, 12) for number in range(first, first + MONTHS_AHEAD))
    return [
        (f"{year}-{month + 1:02}", month_in_words(str(year), f"{month + 1:02}"))
        for year, month in months
    ]


def start_in_words(month: str | None) -> str:
    """Write ``2027-01`` as people do."""
    if not month:
        return t("check.not_given")
    year, _, number = month.partition("-")
    return month_in_words(year, number)
