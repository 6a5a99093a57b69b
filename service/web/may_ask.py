"""Who may ask schools here at all: told before anybody types who they are."""

from flask import Response, request

from models.domain.ids import Prefix, show
from models.domain.levels import EducationLevel
from service.steps.outputs import Matches
from service.web.pages import page, private, t
from service.web.problems import Problems
from service.web.query import Query

# Listings as the form's address names them: links that were followed, what was chosen before.
_CHOSEN = ("listing_id", "chosen_id")


def refusal(matches: Matches, known_age: str) -> Response | None:
    """The page that stands before the form, where one must; None: the form may be drawn.

    Args:
        matches: the results that are asked from.
        known_age: what was answered before to "18 or over?".
    """
    level = matches.slate.answers.education_level
    results_url = Query.of_slate(matches.slate).setting(page=matches.page.page).url()
    if level is EducationLevel.NO_DIPLOMA:
        return cannot("no_diploma", results_url)
    if level is not EducationLevel.STILL_IN_HIGH_SCHOOL:
        return None
    age = request.args.get("age_18_or_over", known_age)
    if age == "yes":
        return None
    if age == "no":
        return cannot("under_18", results_url)
    return _ask_age(matches, results_url)


def cannot(why: str, results_url: str) -> Response:
    """Say that no request can be sent, and what can be done instead."""
    return private(
        page(
            "cannot_ask.html",
            heading=t(f"cannot.{why}.title"),
            words=t(f"cannot.{why}.text"),
            no_diploma=why == "no_diploma",
            results_url=results_url,
        )
    )


def _ask_age(matches: Matches, results_url: str) -> Response:
    sent = "sent" in request.args
    problems = Problems(age_18_or_over=t("error.age_missing")) if sent else Problems()
    kept = [
        ("slate_id", show(Prefix.SLATE, matches.slate.id)),
        ("page", str(matches.page.page)),
        *((name, each) for name in _CHOSEN for each in request.args.getlist(name)),
    ]
    return private(
        page(
            "ask_age.html",
            400 if problems else 200,
            problems=problems,
            kept=kept,
            results_url=results_url,
        )
    )
