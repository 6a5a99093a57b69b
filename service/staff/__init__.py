"""Accounts of staff: login, invitation, sessions; and the guard before all their rooms."""

from typing import cast

from flask import Blueprint, Flask, Response
from flask.blueprints import BlueprintSetupState
from flask_wtf.csrf import CSRFError

from service.services import Services
from service.staff import account, entrance, guard, pages, security, signing_in, ways_back
from service.staff.session import RoomsOrPages
from service.web import failures
from service.web.pages import private

blueprint = Blueprint("staff", __name__, url_prefix="/staff", template_folder="templates")
blueprint.add_url_rule("/login", "log_in_form", entrance.log_in_form)
blueprint.add_url_rule("/login", "log_in", entrance.log_in, methods=["POST"])
blueprint.add_url_rule("/invitation/<token>", "invitation", entrance.invitation)
blueprint.add_url_rule("/invitation/<token>", "accept", entrance.accept, methods=["POST"])
blueprint.add_url_rule("/", "home", account.home)
blueprint.add_url_rule("/logout", "log_out", account.log_out, methods=["POST"])
blueprint.add_url_rule("/sessions", "sessions", account.sessions)
blueprint.add_url_rule(
    "/sessions/<session_id>/end", "end_session", account.end_session, methods=["POST"]
)
blueprint.add_url_rule("/sessions/end-others", "end_others", account.end_others, methods=["POST"])

for path, name, form, view in (
    ("/login/forgotten", "forgotten", ways_back.forgotten_form, ways_back.forgotten),
    ("/login/new-password/<token>", "way_back", ways_back.way_back_form, ways_back.way_back),
    ("/account/password", "password", security.password_form, security.password),
    ("/account/app", "app", security.app_form, security.app),
    ("/account/codes", "codes", security.codes_form, security.codes),
):
    blueprint.add_url_rule(path, f"{name}_form", form)
    blueprint.add_url_rule(path, name, view, methods=["POST"])
blueprint.add_url_rule("/login/with/<organization>", "sign_in", signing_in.away)
blueprint.add_url_rule("/login/with/<organization>/back", "signed_in", signing_in.back)
blueprint.add_url_rule("/account", "security", security.security)

blueprint.before_app_request(guard.check_letters)
blueprint.before_app_request(guard.check_access)
blueprint.context_processor(pages.words)
blueprint.before_request(guard.check_form_token)
blueprint.after_request(private)


@blueprint.app_errorhandler(CSRFError)
def form_token_failed(error: CSRFError) -> Response:  # noqa: ARG001 - Flask's signature
    """A form whose token does not fit the session; nothing was changed."""
    return failures.failure("staff_stale", 403)


@blueprint.record_once
def set_up(state: BlueprintSetupState) -> None:
    """Give rooms their own sessions; the student's pages must have theirs already."""
    app = cast("Flask", state.app)
    services: Services = app.extensions["schoolmatch"]
    app.session_interface = RoomsOrPages(
        app.session_interface, services.unit_of_work, services.clock
    )
