"""Schools' own questions, a page for each school; what the journey knows is not asked again."""

from collections.abc import Mapping

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, show
from models.domain.question import MOST_ANSWER
from models.domain.school_id import show_school
from service.steps.check_request import wrong_answers
from service.steps.outputs import ChosenSchool, RequestForm
from service.web import draft as drafts
from service.web.failures import expired, slate_gone
from service.web.outcome import form_of
from service.web.pages import page, private, services, t
from service.web.problems import Problems, speak

# What is typed beyond this cannot be an answer; it is told so, and need not be kept.
_MOST_TYPED = 4 * MOST_ANSWER


def questions_form(school_id: str) -> Response | Redirect:
    """Draw a school's questions, with what was answered."""
    school = _school(school_id)
    if not isinstance(school, ChosenSchool):
        return school
    return _draw(school, drafts.answers().get(school_id, {}), Problems())


def questions(school_id: str) -> Response | Redirect:
    """Keep a school's answers and go on, or say what is wrong with them."""
    school = _school(school_id)
    if not isinstance(school, ChosenSchool):
        return school
    given = _typed(school)
    wrong = wrong_answers(school, given)
    if wrong:
        return _draw(school, given, Problems({name: speak(said) for name, said in wrong.items()}))
    drafts.keep_answers(school_id, given, services().randomness(16).hex())
    return redirect(url_for("web.check", slate_id=request.values.get("slate_id")), 303)


def questions_again() -> Response | Redirect:
    """Draw the page again whose token does not fit the session, with what was typed."""
    school = _school(str((request.view_args or {}).get("school_id", "")))
    if not isinstance(school, ChosenSchool):
        return school
    return _draw(school, _typed(school), Problems(main=t("error.stale")))


def next_unanswered(form: RequestForm) -> Redirect | None:
    """Lead to the first school whose questions are not answered yet; None: all are."""
    for school in form.schools:
        shown = show_school(school.unitid)
        asks = school.questions and school.shut is None
        if asks and (shown not in drafts.answers() or wrong_answers(school, _given(school))):
            slate_id = show(Prefix.SLATE, form.slate.id)
            return redirect(url_for("web.questions_form", school_id=shown, slate_id=slate_id))
    return None


def given_answers(form: RequestForm) -> Mapping[str, Mapping[str, str]]:
    """The answers that belong to the questions as they are asked now, by school."""
    given = {show_school(school.unitid): _given(school) for school in form.schools}
    return {school: answers for school, answers in given.items() if answers}


def _given(school: ChosenSchool) -> dict[str, str]:
    known = {question.question_id for question in school.questions}
    kept = drafts.answers().get(show_school(school.unitid), {})
    return {name: answer for name, answer in kept.items() if name in known and answer}


def _typed(school: ChosenSchool) -> dict[str, str]:
    ids = [question.question_id for question in school.questions]
    return {each: request.form.get(each, "").strip()[:_MOST_TYPED] for each in ids}


def _school(school_id: str) -> ChosenSchool | Response | Redirect:
    """The school of the draft that is asked about; else where to go."""
    going_on = drafts.draft()
    if going_on is None:
        return expired()
    try:
        form = form_of(going_on)
    except InvalidInputError:
        return slate_gone()
    named = (one for one in form.schools if show_school(one.unitid) == school_id)
    school = next(named, None)
    if school is None or not school.questions or school.shut is not None:
        return redirect(url_for("web.check", slate_id=going_on.slate_id))
    return school


def _draw(school: ChosenSchool, given: Mapping[str, str], problems: Problems) -> Response:
    slate_id = request.values.get("slate_id")
    shown = page(
        "questions.html",
        422 if problems else 200,
        problems=problems.in_order([each.question_id for each in school.questions]),
        school=school.name,
        questions=school.questions,
        values=given,
        slate_id=slate_id,
        change_url=url_for("web.request_form", slate_id=slate_id),
    )
    return private(shown)
