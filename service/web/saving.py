"""Save and come back: what was typed waits seven days for this browser, or is deleted at once."""

from dataclasses import asdict, replace

from flask import Response, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, read
from models.domain.question import MOST_ANSWER
from service.api.v1.schemas_request import MOST_LISTINGS
from service.steps.find_matches import look_again
from service.web import draft as drafts
from service.web import saved
from service.web.asking import ask_again, draw_typed, read_number
from service.web.failures import expired, slate_gone
from service.web.languages import spoken_here
from service.web.may_ask import cannot
from service.web.pages import page, private, services, t
from service.web.problems import Problems
from service.web.query import Query

# More than anybody types into one field, and than any school asks.
_MOST_TYPED, _MOST_FIELDS = 4 * MOST_ANSWER, 50
_OURS = frozenset({"csrf_token", "slate_id"})


def save() -> Response | Redirect:
    """Keep what the page holds for seven days, finished or not; nothing is sent.

    Only whether somebody is 18 or over is checked: of nobody else are details kept.
    """
    going_on = _left_here()
    if going_on is None:
        return expired()
    try:
        slate_id = read(Prefix.SLATE, going_on.slate_id)
        matches = look_again(services(), slate_id, going_on.page)
    except InvalidInputError:
        return slate_gone()
    results_url = Query.of_slate(matches.slate).anew.url()
    age = going_on.student.get("age_18_or_over")
    if age == "no":
        return cannot("under_18", results_url)
    if age != "yes":
        return draw_typed(Problems(age_18_or_over=t("error.age_missing")))
    answer = make_response(redirect(url_for("web.saved"), 303))
    saved.keep(asdict(going_on), results_url, answer, complete=not _typed_details())
    return answer


def save_again() -> Response:
    """Draw the form again whose token does not fit the session: it was open for too long."""
    return ask_again() if _typed_details() else expired()


def show_saved() -> Response:
    """Say what is saved on this browser and until when, to go on with it or delete it."""
    until = saved.saved_until()
    shown = private(page("saved.html", until=until))
    if not until:
        saved.take_back(shown)
    return shown


def go_on() -> Redirect:
    """Take up what was saved where it was left."""
    found = saved.find()
    if found is None:
        return redirect(url_for("web.saved"), 303)
    left = drafts.Draft(**found.draft)
    try:
        look_again(services(), read(Prefix.SLATE, left.slate_id), left.page)
    except InvalidInputError:
        drafts.take_up(left, whole=False)
        return redirect(spoken_here(found.results_url), 303)
    drafts.take_up(left, whole=found.complete)
    if found.complete:
        return redirect(url_for("web.check", slate_id=left.slate_id), 303)
    slate_id, chosen = left.slate_id, left.listing_ids
    form = url_for("web.request_form", slate_id=slate_id, page=left.page, chosen_id=chosen)
    return redirect(form, 303)


def delete_saved() -> Response:
    """Delete what is saved, and what this browser's session holds of it."""
    drafts.forget_student()
    answer = make_response(redirect(url_for("web.saved"), 303))
    saved.take_back(answer)
    return answer


def saved_again() -> Redirect:
    """Show the page again whose token does not fit the session: nothing was done."""
    return redirect(url_for("web.saved"), 303)


def _typed_details() -> bool:
    """Whether the page was the one that asks who somebody is."""
    return "first_name" in request.form


def _left_here() -> drafts.Draft | None:
    """The draft as it stands on the page that is being left."""
    typed = request.form
    if _typed_details():
        about = {
            name: typed[name][:_MOST_TYPED] for name in drafts.STUDENT_FIELDS if typed.get(name)
        }
        return drafts.Draft(
            slate_id=typed.get("slate_id", ""),
            page=int(read_number(typed.get("page", ""))),
            listing_ids=typed.getlist("listing_ids")[:MOST_LISTINGS],
            key="",
            student=about,
            answers=drafts.answers(),
        )
    going_on, school_id = drafts.draft(), request.args.get("school_id")
    if going_on is None or not school_id:
        return going_on
    given = [(name, text[:_MOST_TYPED]) for name, text in typed.items() if name not in _OURS]
    answers = {**going_on.answers, school_id: dict(given[:_MOST_FIELDS])}
    # Under a new key: a page open elsewhere shows the answers of before and must not send these.
    return replace(going_on, answers=answers, key=services().randomness(16).hex())
