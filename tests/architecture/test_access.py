"""Every route has its line in service/access.py, and every line a route."""

from pathlib import Path
from typing import Any, cast

from flask import Flask

from service.access import ACCESS, KEY_SCOPES, ROOMS, Who
from service.app import Parts, create_app
from tests.support.world import make_settings


def wired() -> Flask:
    """The whole app, with nothing behind it."""
    nothing = cast("Any", object())
    settings = make_settings(Path("/nowhere"), "postgresql://nowhere/x", "redis://nowhere:1/0")
    parts = Parts(None, nothing, nothing, nothing, lambda: None, nothing)
    return create_app(settings, parts)


def test_every_route_has_its_line_and_every_line_a_route() -> None:
    endpoints = {rule.endpoint for rule in wired().url_map.iter_rules()}
    assert endpoints - ACCESS.keys() == set(), "service/access.py says who may use these"
    assert ACCESS.keys() - endpoints == set(), "service/access.py names routes that are not there"


def test_every_route_for_keys_says_what_a_key_must_be_allowed() -> None:
    assert KEY_SCOPES.keys() == {route for route, who in ACCESS.items() if who is Who.API_KEY}


def test_what_changes_something_in_a_room_is_never_a_get() -> None:
    reads = {"leads", "lead", "destinations", "listings", "keys", "sessions", "home"}
    reads |= {"rankers", "deliveries", "versions", "audit", "log_in_form", "invitation"}
    reads |= {"history", "change", "destination", "choose_destination", "settings", "mapping"}
    reads |= {"rules", "destination_log", "delivery", "export"}
    reads |= {"ranker", "compare", "training", "traffic", "slates"}
    reads |= {"security", "members", "people", "provider", "sign_in", "signed_in"}
    reads |= {"export", "why_lead"}
    reads |= {"alarms", "organizations", "returns", "publishers", "privacy", "disputes"}
    reads |= {"statements", "statement", "statement_table", "money", "table"}
    reads |= {"report_table", "reports", "returns", "today"}
    reads |= {"campaigns", "campaign", "new_campaign", "highlights", "approvals"}
    reads |= {"questions", "questions_of", "preview_questions"}
    reads |= {"documentation", "export", "why_lead", "why_search"}
    for rule in wired().url_map.iter_rules():
        blueprint, _, name = rule.endpoint.rpartition(".")
        if blueprint in ROOMS:
            reading = name in reads or name.endswith("_form")
            assert ("GET" in (rule.methods or ())) == reading, rule.endpoint


def test_only_the_way_in_is_open_in_the_rooms() -> None:
    open_to_all = {
        endpoint
        for endpoint, who in ACCESS.items()
        if endpoint.partition(".")[0] in ROOMS and who is Who.ANYONE
    }
    assert open_to_all == {
        "staff.log_in_form",
        "staff.log_in",
        "staff.invitation",
        "staff.accept",
        "staff.forgotten_form",
        "staff.forgotten",
        "staff.way_back_form",
        "staff.way_back",
        "staff.sign_in",
        "staff.signed_in",
    }
