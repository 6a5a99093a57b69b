"""Own questions: what each of the organization's schools asks, in its own words."""

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnknownIdError,
)
from models.domain.question import MOST_QUESTIONS, QuestionKind
from models.domain.school_id import read_school, show_school
from service.staff.guard import insider, membership
from service.staff.pages import act, done, room, wrong
from service.steps import own_questions
from service.steps.own_questions import Asks
from service.web.pages import services
from service.web.problems import Problems, speak

_FIELDS = ("id", "label", "kind", "taken", "refused", "least", "most", "required")
_TYPED = (*_FIELDS, "version")
_RENAMED = {"option": "taken", "refuse": "taken"}
_EMPTY = {"kind": QuestionKind.TEXT.value, "required": "yes"}


def questions() -> Response:
    """List the schools with how much each asks."""
    found = own_questions.asked_by(services(), membership().organization_id)
    return room("school/questions.html", found=found, show_school=show_school, most=MOST_QUESTIONS)


def questions_of(school_id: str) -> Response:
    """Show what one school asks; ``edit`` names a question to be changed."""
    asks, wanted = _asks(school_id), request.args.get("edit", "")
    held = {each.question_id: own_questions.as_typed(each) for each in asks.questions}
    return _draw(asks, held.get(wanted, _EMPTY), Problems())


def put_question(school_id: str) -> Response | Redirect:
    """Keep a question, new or changed; what was typed stays where it cannot be."""
    asks = _asks(school_id)
    typed = {name: request.form.get(name, "") for name in _TYPED}
    try:
        own_questions.put(services(), insider().staff, asks, typed)
    except InvalidInputError as error:
        found = {_RENAMED.get(name, name): words for name, words in wrong(error).items()}
        return _draw(asks, typed, Problems(found).in_order(_FIELDS))
    except ConflictError as error:
        return _draw(_asks(school_id), typed, Problems(label=speak(error.args[0])), 409)
    return done("school.question.saved", url_for("school.questions_of", school_id=school_id))


def change_questions(school_id: str) -> Redirect:
    """Move a question up, or remove it; the form says which."""
    asks, form = _asks(school_id), request.form
    acts = {
        "up": (own_questions.move_up, "school.question.moved"),
        "remove": (own_questions.remove, "school.question.removed"),
    }
    if form.get("action") not in acts:
        raise NotFound
    step, notice = acts[form["action"]]
    which = (form.get("question_id", ""), form.get("version", ""))
    return act(
        lambda: step(services(), insider().staff, asks, which),
        notice,
        url_for("school.questions_of", school_id=school_id),
    )


def preview_questions(school_id: str) -> Response:
    """Show the questions as a student sees them."""
    return room("school/questions_preview.html", asks=_asks(school_id), problems=Problems())


def _draw(
    asks: Asks, values: dict[str, str], problems: Problems, status: int | None = None
) -> Response:
    return room(
        "school/questions_of.html",
        status or (422 if problems else 200),
        asks=asks,
        values=values,
        problems=problems,
        kinds=[each.value for each in QuestionKind],
        most=MOST_QUESTIONS,
    )


def _asks(shown: str) -> Asks:
    try:
        organization = membership().organization_id
        return own_questions.asks_of(services(), organization, read_school(shown))
    except (UnknownIdError, NotFoundError) as error:
        raise NotFound from error
