"""The kind ``ping_post``: a buyer is asked for a price first, and gets the lead if it says yes."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from models.domain.delivery import Purpose
from models.domain.sending import DestinationTest, LeadFacts
from models.exchange import pinging
from models.exchange.kinds.declaration import (
    CONTACT,
    PRESET,
    DeclaredSetting,
    Kind,
    Settings,
    Typed,
)
from models.exchange.mapping import fill, read_rows, source_of
from models.exchange.mapping_check import check_mapping
from models.exchange.outcome_rules import check_rules
from models.exchange.payload import UnrenderableError
from models.exchange.requests import (
    Preview,
    mark_secrets,
    ping_request,
    previewed,
    sale_request,
    sample_parcel,
)
from models.exchange.sample import sample_lead
from models.exchange.setting_checks import (
    check_list,
    check_price,
    check_text,
    check_url,
    one_of,
    read_json,
    tell_names,
)
from models.exchange.starting import (
    STARTING_FIELDS,
    STARTING_PING,
    STARTING_PING_RULES,
    STARTING_RULES,
)
from models.exchange.writing import BodyFormat, check_root, write

_MARKS = (pinging.REFERENCE, pinging.PRICE)


def _write(facts: LeadFacts | DestinationTest, delivery_id: UUID, settings: Settings) -> bytes:
    """Write the ping and the post, to be frozen as one.

    Raises:
        UnrenderableError: when a required field stays empty, or a buyer cannot be told.
    """
    pinged, posted = read_rows(settings["ping_fields"]), read_rows(settings["fields"])
    if isinstance(facts, DestinationTest):
        facts = sample_lead([*pinged, *posted], facts.at)
    if facts.purpose is not Purpose.LEAD:
        # A second post would be a second sale.
        raise UnrenderableError(f"a ping-post takes no {facts.purpose}")
    source, root = source_of(facts, delivery_id), settings.get("root", "lead")
    ping, post = (
        write(BodyFormat(settings["format"]), fill(rows, source), root=root)
        for rows in (pinged, posted)
    )
    return pinging.join(ping, post)


def _together(settings: Settings, secrets: Settings) -> dict[str, list[str]]:
    body_format = BodyFormat(settings["format"])
    ping, post = settings["ping_fields"], settings["fields"]
    problems = {
        **pinging.renamed(check_mapping(ping, body_format, secrets), "fields", "ping_fields"),
        **check_mapping(post, body_format, [*secrets, *_MARKS]),
        **pinging.renamed(check_rules(settings["ping_outcomes"]), "outcomes", "ping_outcomes"),
        **check_rules(settings["outcomes"]),
    }
    return problems or {
        **pinging.check_ping(ping),
        **pinging.check_post(post),
        **pinging.check_answer(settings["ping_outcomes"]),
    }


def _listed(
    name: str, label: str, help_text: str, typed: Typed, start: Sequence[Mapping[str, Any]]
) -> DeclaredSetting:
    return DeclaredSetting(
        name,
        label,
        help_text,
        check_list,
        read=read_json,
        tell=tell_names,
        typed=typed,
        start=start,
    )


def _show(
    body: bytes, delivery_id: UUID, settings: Settings, secrets: Sequence[str]
) -> tuple[Preview, ...]:
    ping, post = pinging.split(body)
    parcel = sample_parcel(delivery_id, body, settings, mark_secrets(secrets))
    marks = {pinging.REFERENCE: "id-of-the-ping", pinging.PRICE: "price-of-the-ping"}
    return (
        previewed(ping_request(parcel, ping), "ping"),
        previewed(sale_request(parcel, post, marks), "post"),
    )


KIND = Kind(
    "ping_post",
    "Ping-post",
    (
        DeclaredSetting(
            "url",
            "Address",
            "Where we POST a lead that the buyer said yes to. It must start with https:// and "
            "take connections from the internet.",
            check_url,
        ),
        DeclaredSetting(
            "ping_url",
            "Address of the ping",
            "Where we ask first, if that is another address.",
            check_url,
            required=False,
        ),
        PRESET,
        CONTACT,
        DeclaredSetting(
            "format",
            "Format",
            "How both are written: form, json or xml.",
            one_of(BodyFormat.FORM, BodyFormat.JSON, BodyFormat.XML),
        ),
        DeclaredSetting(
            "root",
            "Outermost element",
            "The name of the outermost element of XML.",
            check_root,
            required=False,
        ),
        _listed(
            "ping_fields",
            "Fields of the ping",
            "What a price depends on. Nothing in it may say who asks.",
            Typed.MAPPING,
            STARTING_PING,
        ),
        _listed(
            "fields",
            "Fields of the post",
            "The lead, with the buyer's id of the ping.",
            Typed.MAPPING,
            ({"to": "ping_id", "secret": pinging.REFERENCE}, *STARTING_FIELDS),
        ),
        _listed(
            "ping_outcomes",
            "Outcome rules of the ping",
            "How the buyer says yes (is = delivered), with its id (reference_path) and its price "
            "(price_path), and no.",
            Typed.RULES,
            STARTING_PING_RULES,
        ),
        _listed(
            "outcomes",
            "Outcome rules of the post",
            "How the buyer says that it took the lead, has it already, or refuses it after all.",
            Typed.RULES,
            STARTING_RULES,
        ),
        DeclaredSetting(
            "lowest_price",
            "Lowest price",
            "Less than this is a no, in the buyer's own currency, such as 15 or 12.50.",
            check_price,
            required=False,
        ),
        DeclaredSetting(
            "repeat",
            "Repeating a post",
            "safe: the buyer knows the same lead again, so a post that nobody answered is tried "
            "again. unsafe, or nothing: such a lead stays in doubt until somebody asked.",
            one_of("safe", "unsafe"),
            required=False,
        ),
        DeclaredSetting(
            "api_key",
            "API key",
            "Where a field of ping and post holds one.",
            check_text,
            secret=True,
            required=False,
        ),
    ),
    together=_together,
    write=_write,
    carries=lambda _settings, _purpose: False,
    show=_show,
)
