"""An organization's rooms: its leads, destinations, listings and keys, and nobody else's."""

from typing import Any

from flask import Blueprint, g

from service.school import (
    campaigns,
    delivery_log,
    destinations,
    dispositions,
    documentation,
    exports,
    finding,
    highlights,
    history,
    keys,
    leads,
    listings,
    people,
    provider,
    questions,
    reports,
    returns,
    row_pages,
    setting_up,
    statements,
    today,
    why,
)
from service.staff import guard, pages
from service.web.pages import private

blueprint = Blueprint(
    "school", __name__, url_prefix="/staff/<organization>", template_folder="templates"
)
_POST = ["POST"]
blueprint.add_url_rule("/today", "today", today.today)
blueprint.add_url_rule("/leads", "leads", leads.leads)
blueprint.add_url_rule("/leads", "find", finding.find, methods=_POST)
blueprint.add_url_rule("/leads/dispositions", "say_many", leads.say_many, methods=_POST)
blueprint.add_url_rule("/leads/exports", "prepare_export", exports.prepare, methods=_POST)
blueprint.add_url_rule("/leads/exports/<export_token>", "export", exports.export)
blueprint.add_url_rule("/leads/<lead_id>/return", "give_back", leads.give_back, methods=_POST)
blueprint.add_url_rule("/returns", "returns", returns.returns)
blueprint.add_url_rule("/reports", "reports", reports.reports)
blueprint.add_url_rule("/leads/<lead_id>/why", "why_lead", why.why_lead)
blueprint.add_url_rule("/why", "why_search", why.why_search)
blueprint.add_url_rule("/documentation", "documentation", documentation.documentation)
blueprint.add_url_rule("/reports.csv", "report_table", reports.report_table)
blueprint.add_url_rule("/leads/<lead_id>", "lead", leads.lead)
blueprint.add_url_rule("/leads/<lead_id>/open", "open_lead", leads.open_lead, methods=_POST)
blueprint.add_url_rule("/leads/<lead_id>/dispositions", "say", leads.say, methods=_POST)
blueprint.add_url_rule("/dispositions", "table", dispositions.table)
blueprint.add_url_rule("/dispositions", "look_at_table", dispositions.look, methods=_POST)
blueprint.add_url_rule("/dispositions/kept", "save_table", dispositions.save, methods=_POST)
blueprint.add_url_rule("/destinations", "destinations", destinations.destinations)
blueprint.add_url_rule("/destinations/new", "choose_destination", setting_up.choose)
blueprint.add_url_rule("/destinations/new", "begin", setting_up.begin, methods=_POST)
_ONE = "/destinations/<destination_id>"
blueprint.add_url_rule(_ONE, "destination", destinations.destination)
blueprint.add_url_rule(f"{_ONE}/settings", "settings", setting_up.settings)
blueprint.add_url_rule(f"{_ONE}/settings", "save_settings", setting_up.save_settings, methods=_POST)
blueprint.add_url_rule(f"{_ONE}/fields", "mapping", row_pages.mapping)
blueprint.add_url_rule(f"{_ONE}/fields", "save_mapping", row_pages.save_mapping, methods=_POST)
blueprint.add_url_rule(f"{_ONE}/answers", "rules", row_pages.rules)
blueprint.add_url_rule(f"{_ONE}/answers", "save_rules", row_pages.save_rules, methods=_POST)
blueprint.add_url_rule(f"{_ONE}/keys", "add_signing_key", setting_up.add_key, methods=_POST)
blueprint.add_url_rule(f"{_ONE}/keys/end", "end_signing_key", setting_up.end_key, methods=_POST)
blueprint.add_url_rule(f"{_ONE}/log", "destination_log", delivery_log.log)
blueprint.add_url_rule(f"{_ONE}/replay", "replay_all", delivery_log.replay_all, methods=_POST)
blueprint.add_url_rule(f"{_ONE}/remove", "remove_destination", delivery_log.remove, methods=_POST)
blueprint.add_url_rule("/deliveries/<delivery_id>", "delivery", delivery_log.delivery)
blueprint.add_url_rule(
    "/deliveries/<delivery_id>/replay", "replay", delivery_log.replay, methods=_POST
)
blueprint.add_url_rule(
    "/destinations/<destination_id>/pause", "pause", destinations.pause, methods=_POST
)
blueprint.add_url_rule(
    "/destinations/<destination_id>/resume", "resume", destinations.resume, methods=_POST
)
blueprint.add_url_rule(
    "/destinations/<destination_id>/test", "test", destinations.test, methods=_POST
)
blueprint.add_url_rule("/history", "history", history.history)
blueprint.add_url_rule("/history/<change_id>", "change", history.change)
blueprint.add_url_rule("/history/<change_id>/back", "take_back", history.take_back, methods=_POST)
blueprint.add_url_rule("/listings", "listings", listings.listings)
blueprint.add_url_rule("/listings/claims", "claim", listings.claim, methods=_POST)
blueprint.add_url_rule("/listings/<school_id>", "organic", listings.organic, methods=_POST)
blueprint.add_url_rule("/campaigns", "campaigns", campaigns.campaigns)
blueprint.add_url_rule("/campaigns", "create_campaign", campaigns.create_campaign, methods=_POST)
blueprint.add_url_rule("/campaigns/new", "new_campaign", campaigns.new_campaign)
blueprint.add_url_rule("/campaigns/<campaign_id>", "campaign", campaigns.campaign)
blueprint.add_url_rule(
    "/campaigns/<campaign_id>", "change_terms", campaigns.change_terms, methods=_POST
)
blueprint.add_url_rule(
    "/campaigns/<campaign_id>/status", "move_campaign", campaigns.move_campaign, methods=_POST
)
blueprint.add_url_rule("/questions", "questions", questions.questions)
blueprint.add_url_rule("/questions/<school_id>", "questions_of", questions.questions_of)
blueprint.add_url_rule(
    "/questions/<school_id>", "put_question", questions.put_question, methods=_POST
)
blueprint.add_url_rule(
    "/questions/<school_id>/changes",
    "change_questions",
    questions.change_questions,
    methods=_POST,
)
blueprint.add_url_rule(
    "/questions/<school_id>/preview", "preview_questions", questions.preview_questions
)
blueprint.add_url_rule("/highlights", "highlights", highlights.highlights)
blueprint.add_url_rule("/highlights", "write_highlight", highlights.write_highlight, methods=_POST)
blueprint.add_url_rule(
    "/highlights/<highlight_id>/down",
    "take_down_highlight",
    highlights.take_down_highlight,
    methods=_POST,
)
blueprint.add_url_rule("/statements", "statements", statements.statements)
blueprint.add_url_rule("/statements/<month>", "statement", statements.statement)
blueprint.add_url_rule("/statements/<month>.csv", "statement_table", statements.statement_table)
blueprint.add_url_rule("/members", "members", people.members)
blueprint.add_url_rule("/members", "invite", people.invite, methods=_POST)
for _name in ("role", "again", "remove"):
    blueprint.add_url_rule(
        f"/members/<staff_id>/{_name}", f"member_{_name}", getattr(people, _name), methods=_POST
    )
blueprint.add_url_rule("/sign-in", "provider", provider.provider)
blueprint.add_url_rule("/sign-in", "set_provider", provider.set_provider, methods=_POST)
blueprint.add_url_rule(
    "/sign-in/remove", "remove_provider", provider.remove_provider, methods=_POST
)
blueprint.add_url_rule("/keys", "keys", keys.keys)
blueprint.add_url_rule("/keys", "create_key", keys.create_key, methods=_POST)
blueprint.add_url_rule("/keys/<key_id>/replace", "replace_key", keys.replace_key, methods=_POST)
blueprint.add_url_rule("/keys/<key_id>/revoke", "revoke_key", keys.revoke_key, methods=_POST)

blueprint.before_request(guard.check_form_token)
blueprint.after_request(private)
blueprint.context_processor(pages.words)


@blueprint.url_value_preprocessor
def take_organization(endpoint: str | None, values: dict[str, Any] | None) -> None:  # noqa: ARG001
    """Hand the organization that the address names to the guard."""
    g.organization = (values or {}).pop("organization", "")
    g.organization_shown = g.organization


@blueprint.url_defaults
def add_organization(endpoint: str, values: dict[str, Any]) -> None:  # noqa: ARG001
    """Stay in the same organization's rooms."""
    values.setdefault("organization", g.get("organization_shown", ""))


@blueprint.context_processor
def words() -> dict[str, object]:
    """What every template of these rooms may say."""
    return {"membership": g.get("membership")}
