"""Every page of the rooms of staff: its address, and how its first heading begins.

What stands in braces is something that ``furnishing.py`` made or found, such as a lead. Addresses
are those behind ``/staff/operator/`` for an operator and ``/staff/ORGANIZATION/`` for a school.
"""

from collections.abc import Callable, Mapping

from models.exchange.kinds import KINDS
from tests.support.chromium import ChromiumBrowser

OPERATOR = "operator@schoolmatch.example"
ADMIN = "admissions@schoolmatch.example"

_SEARCH = "education_level=high_school&postal_code=99508&query=nursing"
PAGES: Mapping[str, Mapping[str, str]] = {
    OPERATOR: {
        "alarms": "Alarms",
        "organizations": "Organizations",
        "returns": "Returns",
        "publishers": "Publishers",
        "privacy": "Privacy",
        "approvals": "Approvals",
        "people": "People",
        "people/{organization}": "People of ",
        "money": "Money",
        "deliveries": "Deliveries in trouble",
        "slates": "Why this order",
        "slates?slate={slate}": "Why this order",
        "traffic": "Traffic",
        "rankers": "Rankers",
        "rankers/{ranker}": "Ranker ",
        "rankers/compare?version={ranker}": "Rankers side by side",
        "training": "Training",
        "disputes": "Disputes",
        "disputes?lead={lead}": "Disputes",
        "versions": "Versions",
        "audit": "Audit",
    },
    ADMIN: {
        "today": "Today at ",
        "leads": "Leads of ",
        "leads?status=accepted&origin=sponsored&from=2020-01-01": "Leads of ",
        "leads?status=waiting&from=never": "Leads of ",
        "leads/{lead}": "Lead lead_",
        "leads/{returned}": "Lead lead_",
        "leads/{lead}/why": "Why lead lead_",
        "why": "Where would we stand?",
        f"why?{_SEARCH}": "Where would we stand?",
        "why?education_level=high_school&postal_code=1": "Where would we stand?",
        "dispositions": "Say what became of many leads",
        "returns": "Returns of ",
        "reports": "Reports of ",
        "reports?from=2026-01-01&to=2025-01-01": "Reports of ",
        "reports?from=never": "Reports of ",
        "documentation": "For the programmers of ",
        "statements": "Statements of ",
        "statements/{month}": "Statement ",
        "destinations": "Destinations of ",
        "destinations/new": "Where should leads go?",
        **{
            f"destinations/new?made_from={name}": "Set up: "
            for name in ("slate_post", *sorted(KINDS))
        },
        "destinations/{destination}": "Demonstration Sponsor ",
        "destinations/{destination}/settings": "Settings of ",
        "destinations/{destination}/log": "Sent to ",
        "destinations/{draft}": "A buyer",
        "destinations/{draft}/settings": "Settings of A buyer",
        "destinations/{draft}/fields": "Fields of A buyer",
        "destinations/{draft}/answers": "Answers of A buyer",
        "destinations/{draft}/log": "Sent to A buyer",
        "deliveries/{delivery}": "Delivery dlv_",
        "deliveries/{tested}": "Delivery dlv_",
        "history": "What was changed for ",
        "history?kind=destination": "What was changed for ",
        "history/{change}": "Change of ",
        "listings": "Listings of ",
        "listings?q=college+of": "Listings of ",
        "campaigns": "Campaigns of ",
        "campaigns/new": "New campaign of ",
        "campaigns/{campaign}": "Campaign ",
        "questions": "Questions of ",
        "questions/{asking}": "Questions of ",
        "questions/{asking}?edit=what-is-your-grade-point-average": "Questions of ",
        "questions/{asking}/preview": "Questions from ",
        "highlights": "Highlights of ",
        "highlights?replace={highlight}": "Highlights of ",
        "keys": "API keys of ",
        "members": "People of ",
        "sign-in": "Your own sign-in",
    },
}
# Pages of one's own account, the same for everybody.
ACCOUNT: Mapping[str, str] = {
    "/staff/sessions": "Your sessions",
    "/staff/account": "Your account",
    "/staff/account/password": "Change the password",
    "/staff/account/app": "Change the app",
    "/staff/account/codes": "Recovery codes",
}
# Pages before the rooms, and the one of who has several; ``test_the_ways_in`` walks them.
WAYS_IN = (
    *("/staff/login", "/staff/login/forgotten", "/staff/login/new-password/no-such-token"),
    *("/staff/invitation/no-such-token", "/staff/"),
)
# They answer a GET with a table, or by going on to another site.
NO_PAGES = frozenset(
    {
        *("school.report_table", "school.statement_table", "school.export"),
        *("staff.sign_in", "staff.signed_in"),
    }
)


def _filled(person: ChromiumBrowser, button: str, **typed: str) -> None:
    """Fill fields by their ids, then press."""
    for name, words in typed.items():
        person.page.locator(f"[id='{name}']").fill(words)
    person.press(button)


def _table(person: ChromiumBrowser) -> None:
    lines = "lead_id,status\nlead_1,accepted\n,contacted"
    _filled(person, "Look at the table", pasted=lines)


def _many(person: ChromiumBrowser) -> None:
    person.page.locator("#tick-1").check()
    person.page.locator("#bulk-status").select_option(index=1)
    person.press("Look at what it comes to")


# What forms answer, right and wrong: whose page, where the form is, what to do, how it is headed.
ANSWERS: Mapping[str, tuple[str, str, Callable[[ChromiumBrowser], None], str]] = {
    "a person found": (
        OPERATOR,
        "privacy",
        lambda one: _filled(one, "Look", address="rooms@example.com"),
        "Privacy",
    ),
    "no address": (OPERATOR, "privacy", lambda one: _filled(one, "Look", address="no"), "Privacy"),
    "an organization added": (
        OPERATOR,
        "organizations",
        lambda one: _filled(one, "Add it", name="Elm", email="elm@schoolmatch.example"),
        "Organizations",
    ),
    "no dispute": (OPERATOR, "disputes", lambda one: one.press("Download the pack"), "Disputes"),
    "no organization": (OPERATOR, "organizations", lambda one: one.press("Add it"), "Organiz"),
    "no publisher": (OPERATOR, "publishers", lambda one: one.press("Add it"), "Publishers"),
    "nobody invited": (OPERATOR, "people/{organization}", lambda one: one.press("Invite"), "Peop"),
    "a table": (ADMIN, "dispositions", _table, "What your table comes to"),
    "many leads": (ADMIN, "leads", _many, "What your table comes to"),
    "a lead found": (ADMIN, "leads", lambda one: _filled(one, "Find", q="Roe"), "Leads of "),
    "an export": (ADMIN, "leads", lambda one: one.press("Export the leads"), "Export leads"),
    "a lead opened": (
        ADMIN,
        "leads/{lead}",
        lambda one: one.press("Show the student"),
        "Lead lead_",
    ),
    "a return without a reason": (
        ADMIN,
        "leads/{lead}",
        lambda one: one.press("Return this lead"),
        "Lead lead_",
    ),
    "a destination without settings": (
        ADMIN,
        "destinations/new?made_from=form_post",
        lambda one: one.press("Make the draft"),
        "Set up: ",
    ),
    "an answer tried": (
        ADMIN,
        "destinations/{draft}/answers",
        lambda one: _filled(one, "Say what it means", body="Accepted"),
        "Answers of ",
    ),
    "no answer tried": (
        ADMIN,
        "destinations/{draft}/answers",
        lambda one: _filled(one, "Say what it means", code="no"),
        "Answers of ",
    ),
    "a campaign previewed": (
        ADMIN,
        "campaigns/{campaign}",
        lambda one: one.press("Preview"),
        "Campaign ",
    ),
    "a campaign without a name": (
        ADMIN,
        "campaigns/new",
        lambda one: _filled(one, "Save", price="no", hours="never"),
        "New campaign of ",
    ),
    "no question": (ADMIN, "questions/{asking}", lambda one: one.press("Save"), "Questions of "),
    "no highlight": (
        ADMIN,
        "highlights",
        lambda one: _filled(one, "Send", statement="A job guaranteed!"),
        "Highlights of ",
    ),
    "a key": (ADMIN, "keys", lambda one: _filled(one, "Make the key", name="no scope"), "API keys"),
    "no sign-in": (
        ADMIN,
        "sign-in",
        lambda one: _filled(one, "Keep", issuer="http://no", client_id="1", client_secret="2"),
        "Your own sign-in",
    ),
}
