"""The kind ``form_post``: a lead as the fields of a school's own system, posted to its address."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from models.domain.delivery import Purpose
from models.domain.destination import Pace
from models.domain.sending import DestinationTest, LeadFacts
from models.exchange.kinds.declaration import (
    CONTACT,
    PRESET,
    DeclaredSetting,
    Kind,
    Settings,
    Typed,
)
from models.exchange.mapping import fill, read_rows, rows_for, source_of, tells_of
from models.exchange.mapping_check import check_mapping
from models.exchange.outcome_rules import check_rules
from models.exchange.requests import (
    HIDDEN,
    Preview,
    form_request,
    mark_secrets,
    previewed,
    sample_parcel,
)
from models.exchange.sample import sample_lead
from models.exchange.setting_checks import (
    check_list,
    check_text,
    check_token,
    check_url,
    one_of,
    read_json,
    tell_names,
)
from models.exchange.starting import STARTING_FIELDS, STARTING_RULES
from models.exchange.writing import BodyFormat, check_root, write

_AT_MOST_99 = re.compile(r"[0-9]{1,2}")
_PACE = re.compile(r"([1-9][0-9]{0,4})/([1-9][0-9]{0,4})")
_AT_ONCE = 8
# What each way of proving who we are needs.
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "basic": ("user_name", "password"),
    "bearer": ("token",),
    "oauth2": ("token_url", "client_id", "client_secret"),
}


def _write(facts: LeadFacts | DestinationTest, delivery_id: UUID, settings: Settings) -> bytes:
    """Fill the school's fields and write them; a test is a lead that nobody sent.

    Raises:
        UnrenderableError: when a required field stays empty, or a form has no field for it.
    """
    rows = read_rows(settings["fields"])
    if isinstance(facts, DestinationTest):
        facts = sample_lead(rows, facts.at)
    filled = fill(rows_for(rows, facts.purpose), source_of(facts, delivery_id))
    return write(BodyFormat(settings["format"]), filled, root=settings.get("root", "lead"))


def _carries(settings: Settings, purpose: Purpose) -> bool:
    return tells_of(read_rows(settings["fields"]), purpose)


def _pace(settings: Settings) -> Pace | None:
    found = _PACE.fullmatch(settings.get("pace", ""))
    if found is None:
        return None
    return Pace(int(found[1]), int(found[2]), int(settings.get("at_once", _AT_ONCE)))


def _together(settings: Settings, secrets: Settings) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    given = {**settings, **secrets}
    for name in _NEEDS[settings["auth"]]:
        if name not in given:
            problems[name] = [f"Enter it: the proof {settings['auth']} needs it."]
    body_format = BodyFormat(settings["format"])
    return {
        **problems,
        **check_mapping(settings["fields"], body_format, secrets),
        **check_rules(settings["outcomes"]),
    }


def _check_pace(value: Any) -> str | None:
    if isinstance(value, str) and _PACE.fullmatch(value):
        return None
    return "Write posts/seconds, such as 50/300 for 50 posts in 5 minutes."


def _check_at_once(value: Any) -> str | None:
    if isinstance(value, str) and _AT_MOST_99.fullmatch(value) and 1 <= int(value) <= 64:
        return None
    return "Use a whole number from 1 to 64."


def _secret(name: str, label: str, help_text: str) -> DeclaredSetting:
    return DeclaredSetting(name, label, help_text, check_text, secret=True, required=False)


def _show(
    body: bytes, delivery_id: UUID, settings: Settings, secrets: Sequence[str]
) -> tuple[Preview, ...]:
    parcel = sample_parcel(delivery_id, body, settings, mark_secrets(secrets))
    token = HIDDEN if settings["auth"] == "oauth2" else None
    return (previewed(form_request(parcel, token)),)


KIND = Kind(
    "form_post",
    "Form post",
    (
        DeclaredSetting(
            "url",
            "Address",
            "Where we POST each lead. It must start with https:// and take connections from the "
            "internet.",
            check_url,
        ),
        PRESET,
        CONTACT,
        DeclaredSetting(
            "format",
            "Format",
            "How a lead is written: form, json, xml or delimited (a line of column names and a "
            "line of values).",
            one_of(*BodyFormat),
        ),
        DeclaredSetting(
            "root",
            "Outermost element",
            "The name of the outermost element of XML.",
            check_root,
            required=False,
        ),
        DeclaredSetting(
            "fields",
            "Fields",
            "Each field of your system, and what of a lead goes into it.",
            check_list,
            read=read_json,
            tell=tell_names,
            typed=Typed.MAPPING,
            start=STARTING_FIELDS,
        ),
        DeclaredSetting(
            "outcomes",
            "Outcome rules",
            "How your system says yes, no, seen before, and later.",
            check_list,
            read=read_json,
            tell=tell_names,
            typed=Typed.RULES,
            start=STARTING_RULES,
        ),
        DeclaredSetting(
            "auth",
            "Proof",
            "How we prove who we are: none, basic (user name and password), bearer (a token), or "
            "oauth2 (client credentials).",
            one_of(*_NEEDS),
        ),
        DeclaredSetting(
            "user_name",
            "User name",
            "For the proof basic.",
            check_text,
            required=False,
        ),
        DeclaredSetting(
            "token_url",
            "Token address",
            "For the proof oauth2: where tokens are fetched.",
            check_url,
            required=False,
        ),
        DeclaredSetting(
            "client_id",
            "Client id",
            "For the proof oauth2.",
            check_text,
            required=False,
        ),
        DeclaredSetting(
            "scope",
            "Scope",
            "For the proof oauth2, if your system asks for one.",
            check_text,
            required=False,
        ),
        DeclaredSetting(
            "client_auth",
            "Client proof",
            "For the proof oauth2: whether id and secret are sent as basic proof or in the body; "
            "body when it is left out.",
            one_of("body", "basic"),
            required=False,
        ),
        DeclaredSetting(
            "pace",
            "Pace",
            "The most posts that your system takes, as posts/seconds, such as 50/300.",
            _check_pace,
            required=False,
        ),
        DeclaredSetting(
            "at_once",
            "At once",
            "With a pace: how many posts your system takes at the same moment; 8 when it is left "
            "out.",
            _check_at_once,
            required=False,
        ),
        _secret("password", "Password", "For the proof basic."),
        DeclaredSetting(
            "token", "Token", "For the proof bearer.", check_token, secret=True, required=False
        ),
        _secret("client_secret", "Client secret", "For the proof oauth2."),
        _secret("api_key", "API key", "Where a field of the form holds one."),
    ),
    together=_together,
    write=_write,
    pace=_pace,
    carries=_carries,
    show=_show,
)
