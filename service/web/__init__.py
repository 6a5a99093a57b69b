"""The student's pages: plain HTML, a script none of them needs, words from ``service.messages``."""

from collections.abc import Callable, Mapping
from typing import cast

from flask import Blueprint, Flask, Response, request
from flask.blueprints import BlueprintSetupState
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.wrappers import Response as Redirect

from service.services import Services
from service.web import (
    afterwards,
    asking,
    assets,
    browse,
    careers,
    compare,
    compression,
    confirmation,
    confirming,
    crawling,
    field,
    information,
    languages,
    pages,
    programs,
    questions,
    results,
    saving,
    school,
    searching,
    sending,
    sharing,
    start,
    steps,
    studying,
    unsubscribing,
    visiting,
)
from service.web.session import DatabaseSessions

blueprint = Blueprint("web", __name__, template_folder="templates")
_csrf = CSRFProtect()

# Every page, who may ask for it (anyone) and how.
blueprint.add_url_rule("/", "start", start.start)
blueprint.add_url_rule("/steps", "first_step", steps.first_step)
blueprint.add_url_rule("/steps/education", "education_step", steps.education_step)
blueprint.add_url_rule("/steps/place", "place_step", steps.place_step)
blueprint.add_url_rule("/steps/study", "study_step", studying.study_step)
blueprint.add_url_rule("/steps/fields", "fields_step", studying.fields_step)
blueprint.add_url_rule("/steps/format", "format_step", steps.format_step)
blueprint.add_url_rule("/steps/check", "check_step", steps.check_step)
blueprint.add_url_rule("/results", "results", results.results)
blueprint.add_url_rule("/visit", "visit", visiting.visit)
blueprint.add_url_rule("/request", "request_form", asking.request_form)
blueprint.add_url_rule("/request", "ask", asking.ask, methods=["POST"])
blueprint.add_url_rule("/request/questions/<school_id>", "questions_form", questions.questions_form)
blueprint.add_url_rule(
    "/request/questions/<school_id>", "questions", questions.questions, methods=["POST"]
)
blueprint.add_url_rule("/request/check", "check", sending.check)
blueprint.add_url_rule("/request/check", "send", sending.send, methods=["POST"])
blueprint.add_url_rule("/requests/<request_id>", "confirmation", confirmation.confirmation)
blueprint.add_url_rule("/confirm/<request_id>/<token>", "confirm_form", confirming.confirm_form)
blueprint.add_url_rule(
    "/confirm/<request_id>/<token>", "confirm", confirming.confirm, methods=["POST"]
)
blueprint.add_url_rule(
    "/requests/<request_id>/open/<token>", "open_request", afterwards.open_request
)
_OF_MAIL = "/unsubscribe/<message_id>/<token>"
blueprint.add_url_rule(_OF_MAIL, "unsubscribe_form", unsubscribing.unsubscribe_form)
blueprint.add_url_rule(_OF_MAIL, "unsubscribe", unsubscribing.unsubscribe, methods=["POST"])
blueprint.add_url_rule(
    f"{_OF_MAIL}/again", "subscribe_again", unsubscribing.subscribe_again, methods=["POST"]
)
_OF_REQUEST = "/requests/<request_id>"
_POST = ["POST"]
blueprint.add_url_rule("/saved", "saved", saving.show_saved)
blueprint.add_url_rule("/saved", "save", saving.save, methods=_POST)
blueprint.add_url_rule("/saved/continue", "go_on", saving.go_on, methods=_POST)
blueprint.add_url_rule("/saved/delete", "delete_saved", saving.delete_saved, methods=_POST)
blueprint.add_url_rule(f"{_OF_REQUEST}/withdraw", "withdraw_form", afterwards.withdraw_form)
blueprint.add_url_rule(f"{_OF_REQUEST}/withdraw", "withdraw", afterwards.withdraw, methods=_POST)
blueprint.add_url_rule(f"{_OF_REQUEST}/correct", "correct_form", afterwards.correct_form)
blueprint.add_url_rule(f"{_OF_REQUEST}/correct", "correct", afterwards.correct, methods=_POST)
blueprint.add_url_rule(f"{_OF_REQUEST}/delete", "delete_form", afterwards.delete_form)
blueprint.add_url_rule(f"{_OF_REQUEST}/delete", "delete", afterwards.delete, methods=_POST)
blueprint.add_url_rule(f"{_OF_REQUEST}/copy", "copy", afterwards.copy)
blueprint.add_url_rule("/schools", "regions", browse.regions)
blueprint.add_url_rule("/schools/<state>", "schools_of", browse.schools_of)
blueprint.add_url_rule("/schools/<state>/<name>", "school", school.school)
blueprint.add_url_rule("/schools/<state>/<name>/<program>", "program", programs.program)
blueprint.add_url_rule("/compare", "compare", compare.compare)
blueprint.add_url_rule("/share", "share", sharing.share)
blueprint.add_url_rule("/search", "search", searching.search)
blueprint.add_url_rule("/fields", "fields", browse.fields)
blueprint.add_url_rule("/fields/<cip>", "field", field.field)
blueprint.add_url_rule("/fields/<cip>/<state>", "field_in", browse.field_in)
blueprint.add_url_rule("/careers", "careers", careers.careers)
blueprint.add_url_rule("/careers/<soc>", "career", careers.career)
blueprint.add_url_rule("/how-we-rank", "how_we_rank", information.how_we_rank)
blueprint.add_url_rule("/sources", "sources", information.sources)
blueprint.add_url_rule("/privacy", "privacy", information.privacy)
blueprint.add_url_rule("/sitemap.xml", "sitemap", crawling.sitemap)
blueprint.add_url_rule("/sitemap/<part>.xml", "sitemap_part", crawling.part_of_sitemap)
blueprint.add_url_rule("/robots.txt", "robots", crawling.robots)
blueprint.add_url_rule("/assets/<name>", "asset", assets.asset)


# A page that takes a form, and how it is drawn again.
_AGAIN: Mapping[str, Callable[[], Response | Redirect]] = {
    "web.ask": asking.ask_again,
    "web.questions": questions.questions_again,
    "web.send": sending.check_again,
    "web.save": saving.save_again,
    "web.go_on": saving.saved_again,
    "web.delete_saved": saving.saved_again,
    "web.withdraw": afterwards.form_again,
    "web.correct": afterwards.form_again,
    "web.delete": afterwards.form_again,
    "web.confirm": confirming.confirm_again,
}


# What a mail program may press without having opened a page: the token in the address is the proof.
_OPENED_BY_LINK = frozenset({"web.unsubscribe", "web.subscribe_again"})

blueprint.url_defaults(languages.carry)
blueprint.after_app_request(compression.compress)


@blueprint.before_request
def change_language() -> Redirect | None:
    """Answer who asks for a page in another language, while something is typed into it."""
    if request.method == "GET" and "speak" in request.args:
        return languages.switch()
    return None


@blueprint.before_request
def check_form_token() -> None:
    """Refuse a form that another site made the browser send."""
    if request.method == "POST" and request.endpoint not in _OPENED_BY_LINK:
        _csrf.protect()


@blueprint.errorhandler(CSRFError)
def form_token_failed(error: CSRFError) -> Response | Redirect:  # noqa: ARG001 - Flask's signature
    """Draw a page again whose token does not fit the session, with what was typed into it."""
    return _AGAIN[str(request.endpoint)]()


@blueprint.app_context_processor
def words() -> dict[str, object]:
    """What every template may say."""
    return {
        "t": pages.t,
        "locale": pages.locale(),
        "locales": pages.offered(),
        "here": languages.here(),
        "draft_note": languages.draft_note(),
        "privacy_control": pages.visitor().privacy_control,
        "alternates": languages.alternates,
        "stylesheet_url": assets.asset_url("style"),
        "script_url": assets.asset_url("script") if request.blueprint == "web" else "",
        "icon_url": assets.asset_url("icon"),
    }


@blueprint.record_once
def set_up(state: BlueprintSetupState) -> None:
    """Give the app sessions and form tokens; its services must be there already."""
    app = cast("Flask", state.app)
    services: Services = app.extensions["schoolmatch"]
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # only pages carry tokens; the API has none
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # a token lives as long as its session
    app.session_interface = DatabaseSessions(services.unit_of_work, services.clock)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    _csrf.init_app(app)
