"""The operator's room: what serves, what did not arrive, who claims what, who did what."""

from flask import Blueprint

from service.operator import (
    approvals,
    deliveries,
    disputes,
    money,
    office,
    people,
    privacy,
    publishers,
    rankers,
    slates,
    traffic,
    training,
    watching,
)
from service.staff import guard, pages
from service.web.pages import private

blueprint = Blueprint(
    "operator", __name__, url_prefix="/staff/operator", template_folder="templates"
)
_POST = ["POST"]
blueprint.add_url_rule("/rankers", "rankers", rankers.rankers)
blueprint.add_url_rule("/rankers/compare", "compare", rankers.compare)
blueprint.add_url_rule("/rankers/<version>", "ranker", rankers.ranker)
blueprint.add_url_rule("/rankers/<version>/promote", "promote", rankers.promote, methods=_POST)
blueprint.add_url_rule("/rankers/rollback", "roll_back", rankers.roll_back, methods=_POST)
blueprint.add_url_rule(
    "/rankers/<version>/challenge", "challenge", rankers.challenge, methods=_POST
)
blueprint.add_url_rule("/rankers/stop", "stop", rankers.stop, methods=_POST)
blueprint.add_url_rule("/training", "training", training.training)
blueprint.add_url_rule("/training", "ask_training", training.ask, methods=_POST)
blueprint.add_url_rule(
    "/training/<run_id>/cancel", "cancel_training", training.cancel, methods=_POST
)
blueprint.add_url_rule("/traffic", "traffic", traffic.traffic)
blueprint.add_url_rule("/slates", "slates", slates.slates)
blueprint.add_url_rule("/deliveries", "deliveries", deliveries.deliveries)
blueprint.add_url_rule(
    "/deliveries/<delivery_id>/replay", "replay", deliveries.replay, methods=_POST
)
blueprint.add_url_rule("/money", "money", money.money)
blueprint.add_url_rule("/people", "people", people.people)
blueprint.add_url_rule("/people/<owner>", "members", people.members)
blueprint.add_url_rule("/people/<owner>", "invite", people.invite, methods=_POST)
for _name in ("role", "again", "remove"):
    blueprint.add_url_rule(
        f"/people/<owner>/<staff_id>/{_name}",
        f"member_{_name}",
        getattr(people, _name),
        methods=_POST,
    )
blueprint.add_url_rule("/approvals", "approvals", approvals.approvals)
blueprint.add_url_rule("/claims/<claim_id>", "decide", approvals.decide_claim, methods=_POST)
blueprint.add_url_rule(
    "/highlights/<highlight_id>",
    "decide_highlight",
    approvals.decide_highlight,
    methods=_POST,
)
blueprint.add_url_rule("/texts", "decide_texts", approvals.decide_texts, methods=_POST)
blueprint.add_url_rule("/alarms", "alarms", office.alarms)
blueprint.add_url_rule("/organizations", "organizations", office.organizations)
blueprint.add_url_rule("/organizations", "add_organization", office.add_organization, methods=_POST)
blueprint.add_url_rule("/returns", "returns", office.returns)
blueprint.add_url_rule("/publishers", "publishers", publishers.publishers)
blueprint.add_url_rule("/publishers", "add_publisher", publishers.add, methods=_POST)
blueprint.add_url_rule(
    "/publishers/<publisher_id>", "change_publisher", publishers.change, methods=_POST
)
blueprint.add_url_rule("/privacy", "privacy", privacy.privacy)
blueprint.add_url_rule("/privacy/find", "find_person", privacy.find, methods=_POST)
blueprint.add_url_rule("/privacy/copy", "copy_person", privacy.copy, methods=_POST)
blueprint.add_url_rule("/privacy/erase", "erase_person", privacy.erase, methods=_POST)
blueprint.add_url_rule("/privacy/stop", "stop_address", privacy.stop, methods=_POST)
blueprint.add_url_rule("/disputes", "disputes", disputes.disputes)
blueprint.add_url_rule("/disputes", "dispute_pack", disputes.pack, methods=_POST)
blueprint.add_url_rule("/versions", "versions", watching.versions)
blueprint.add_url_rule("/audit", "audit", watching.audit)

blueprint.before_request(guard.check_form_token)
blueprint.after_request(private)
blueprint.context_processor(pages.words)
