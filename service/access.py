"""Who may come in by which route: one line each, and no route without a line.

The guard of ``service.staff`` reads this table before any page of staff is drawn, and a test walks
every route as everybody. A token or a key is asked for by the endpoint that takes it.
"""

from collections.abc import Mapping
from enum import StrEnum


class Who(StrEnum):
    """Who may use a route; each of the last three may also be of one organization only."""

    ANYONE = "anyone"
    REQUEST_TOKEN = "request token"  # noqa: S105 - a kind of key, not one
    API_KEY = "api key"
    SIGNATURE = "signature"
    STAFF = "staff"
    MEMBER = "member"
    ADMIN = "admin"
    OPERATOR = "operator"


ROOMS = frozenset({"staff", "school", "operator"})

ACCESS: Mapping[str, Who] = {
    "web.start": Who.ANYONE,
    "web.results": Who.ANYONE,
    "web.visit": Who.ANYONE,
    "web.request_form": Who.ANYONE,
    "web.ask": Who.ANYONE,
    "web.questions_form": Who.ANYONE,
    "web.questions": Who.ANYONE,
    "web.check": Who.ANYONE,
    "web.send": Who.ANYONE,
    # Shown only to the browser that saved it, by a token in its cookie.
    "web.saved": Who.ANYONE,
    "web.save": Who.ANYONE,
    "web.go_on": Who.ANYONE,
    "web.delete_saved": Who.ANYONE,
    # Shown only to the session that sent the request.
    "web.confirmation": Who.ANYONE,
    # Opened by the token in their address, which only a mail holds.
    "web.confirm_form": Who.ANYONE,
    "web.confirm": Who.ANYONE,
    # Opened by the token in its address, which only the request's mail holds; then by its session.
    "web.open_request": Who.ANYONE,
    # Opened by the token in their address, which only a mail holds.
    "web.unsubscribe_form": Who.ANYONE,
    "web.unsubscribe": Who.ANYONE,
    "web.subscribe_again": Who.ANYONE,
    "web.withdraw_form": Who.ANYONE,
    "web.withdraw": Who.ANYONE,
    "web.correct_form": Who.ANYONE,
    "web.correct": Who.ANYONE,
    "web.delete_form": Who.ANYONE,
    "web.delete": Who.ANYONE,
    "web.copy": Who.ANYONE,
    "web.how_we_rank": Who.ANYONE,
    "web.sources": Who.ANYONE,
    "web.privacy": Who.ANYONE,
    "web.asset": Who.ANYONE,
    "web.fields": Who.ANYONE,
    "web.field": Who.ANYONE,
    "web.field_in": Who.ANYONE,
    "web.careers": Who.ANYONE,
    "web.career": Who.ANYONE,
    "web.regions": Who.ANYONE,
    "web.schools_of": Who.ANYONE,
    "web.school": Who.ANYONE,
    "web.program": Who.ANYONE,
    "web.compare": Who.ANYONE,
    "web.share": Who.ANYONE,
    "web.search": Who.ANYONE,
    "web.sitemap": Who.ANYONE,
    "web.sitemap_part": Who.ANYONE,
    "web.robots": Who.ANYONE,
    "web.first_step": Who.ANYONE,
    "web.check_step": Who.ANYONE,
    "web.education_step": Who.ANYONE,
    "web.fields_step": Who.ANYONE,
    "web.format_step": Who.ANYONE,
    "web.place_step": Who.ANYONE,
    "web.study_step": Who.ANYONE,
    "widget.frame": Who.ANYONE,
    "widget.loader": Who.ANYONE,
    "widget.file": Who.ANYONE,
    "matches.matches": Who.ANYONE,
    "events.events": Who.ANYONE,
    "fields.fields": Who.ANYONE,
    "request_form.request_form": Who.ANYONE,
    "requests.send": Who.ANYONE,
    "requests.view": Who.REQUEST_TOKEN,
    "dispositions.receive": Who.API_KEY,
    "disposition_webhook.receive": Who.SIGNATURE,
    "feed.leads": Who.API_KEY,
    "api-docs.openapi_json": Who.ANYONE,
    "health.livez": Who.ANYONE,
    "health.readyz": Who.ANYONE,
    "health.metrics": Who.ANYONE,
    "staff.log_in_form": Who.ANYONE,
    "staff.log_in": Who.ANYONE,
    "staff.invitation": Who.ANYONE,
    "staff.accept": Who.ANYONE,
    "staff.home": Who.STAFF,
    "staff.log_out": Who.STAFF,
    "staff.sessions": Who.STAFF,
    "staff.end_session": Who.STAFF,
    "staff.end_others": Who.STAFF,
    "school.today": Who.MEMBER,
    "school.leads": Who.MEMBER,
    "school.find": Who.MEMBER,
    "school.say_many": Who.MEMBER,
    "school.give_back": Who.MEMBER,
    "school.returns": Who.MEMBER,
    "school.reports": Who.MEMBER,
    "school.why_lead": Who.MEMBER,
    "school.why_search": Who.MEMBER,
    "school.report_table": Who.MEMBER,
    "school.lead": Who.MEMBER,
    "school.open_lead": Who.MEMBER,
    "school.say": Who.MEMBER,
    "school.table": Who.MEMBER,
    "school.look_at_table": Who.MEMBER,
    "school.save_table": Who.MEMBER,
    "school.destinations": Who.MEMBER,
    "school.add_email": Who.ADMIN,
    "school.test": Who.ADMIN,
    "school.pause": Who.ADMIN,
    "school.resume": Who.ADMIN,
    "school.history": Who.MEMBER,
    "school.change": Who.MEMBER,
    "school.take_back": Who.ADMIN,
    "school.listings": Who.MEMBER,
    "school.claim": Who.ADMIN,
    "school.organic": Who.ADMIN,
    "school.statements": Who.MEMBER,
    "school.statement": Who.MEMBER,
    "school.statement_table": Who.MEMBER,
    "school.keys": Who.ADMIN,
    "school.create_key": Who.ADMIN,
    "school.revoke_key": Who.ADMIN,
    "operator.rankers": Who.OPERATOR,
    "operator.ranker": Who.OPERATOR,
    "operator.compare": Who.OPERATOR,
    "operator.promote": Who.OPERATOR,
    "operator.roll_back": Who.OPERATOR,
    "operator.challenge": Who.OPERATOR,
    "operator.stop": Who.OPERATOR,
    "operator.training": Who.OPERATOR,
    "operator.ask_training": Who.OPERATOR,
    "operator.cancel_training": Who.OPERATOR,
    "operator.traffic": Who.OPERATOR,
    "operator.slates": Who.OPERATOR,
    "operator.deliveries": Who.OPERATOR,
    "operator.replay": Who.OPERATOR,
    "operator.money": Who.OPERATOR,
    "operator.claims": Who.OPERATOR,
    "operator.decide": Who.OPERATOR,
    "operator.versions": Who.OPERATOR,
    "operator.audit": Who.OPERATOR,
}
