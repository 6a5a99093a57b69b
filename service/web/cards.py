"""A listing as its card shows it: words and figures, ready for the template.

What is said of many listings (a school, a program's kind, a reason) is kept for a while as it is
sent, so that a card is mostly look-ups.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from matcher.regions import REGIONS
from models.domain.levels import CredentialLevel, Format
from models.domain.matching import (
    Listing,
    PlacePrecision,
    Program,
    RequestChannel,
    School,
)
from service.messages import text
from service.messages.lengths import Unit, whole
from service.messages.names import region_name
from service.steps.outputs import ShownListing
from service.web.facts import draw_facts
from service.web.moulds import NOTHING, Html, Mould, as_html, join
from service.web.notes import Notes
from service.web.pages import draw_macro

# Whose words are kept, at 0.5 KB each: most schools there are, and titles with their credentials.
MOST_SCHOOLS = 4096
MOST_TITLES = 2048
# Distances, at 0.3 KB each.
MOST_LENGTHS = 2048
_NEAR_ENOUGH = frozenset({PlacePrecision.EXACT, PlacePrecision.CITY})
_WEB_ADDRESS = re.compile(
    r"https?://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?([/?#][^\s<>\"]*)?", re.IGNORECASE
)


class SchoolWords(NamedTuple):
    """What a card says of a school; without a place that is known, that it is not."""

    name: Html
    place: Html
    placed: bool
    control: Html
    url: Html


class ProgramWords(NamedTuple):
    """What a card says of a program's kind; ``format`` is empty while nobody published it."""

    credential: Html
    title: Html
    format: Html


class Card(NamedTuple):
    """What a card says: of a program and its school, and to the student who asked.

    ``link_url`` leads to the form or, by way of us, to the school's own site.
    """

    id: Html
    sponsored: bool
    fictional: bool
    credential: Html
    title: Html
    format: Html
    school: Html
    place: Html
    placed: bool
    control: Html
    near: Html
    warnings: tuple[Html, ...]
    ask_title: Html
    figures: Html
    sources: Html
    badges: tuple[Html, ...]
    reasons: tuple[Html, ...]
    organic_place: Html
    request: RequestChannel
    link_url: Html


@dataclass(frozen=True, slots=True)
class AskFor:
    """A specialty that schools report only as part of a wider field."""

    cip: str
    field: str
    specialty: str


def draw_cards(
    language: str,
    listings: Sequence[ShownListing],
    links: Mapping[RequestChannel, str],
    ask_for: AskFor | None,
    unit: Unit,
) -> Html:
    """Draw the cards of listings.

    Args:
        language: the visitor's.
        listings: as they stand on the page.
        links: where each way to ask leads, but for a listing's id at its end.
        ask_for: the specialty that the student's words mean.
        unit: what the student's distances are told in.
    """
    ways = {way: as_html(link) for way, link in links.items()}
    said = Notes(language, unit)
    return join(
        _CARD.draw_all(
            language, [_card(language, shown, said, ways, ask_for) for shown in listings]
        )
    )


def _card(
    language: str,
    shown: ShownListing,
    notes: Notes,
    links: Mapping[RequestChannel, Html],
    ask_for: AskFor | None,
) -> Card:
    named, listing, request, fictional = shown
    program, precision = listing.program, listing.place_precision
    credential, title, way = _program_words(
        language, program.credential_level, program.title, program.format
    )
    school, place, placed, control, url = _school_words(language, listing.school, precision)
    figures, sources = draw_facts(language, listing.facts)
    sponsored, html_id = listing.sponsored, as_html(named)
    # A school whose address is not one a browser should follow is a school without a site.
    if request is RequestChannel.SCHOOL_SITE and not url:
        request = RequestChannel.NONE
    return Card(
        html_id,
        sponsored,
        fictional,
        credential,
        title,
        way,
        school,
        place,
        placed,
        control,
        _near(language, listing, notes.unit),
        notes.draw("warning", listing.warnings),
        NOTHING if ask_for is None else _ask_title(language, program, ask_for),
        figures,
        sources,
        notes.draw("badge", listing.badges),
        notes.draw("reason", listing.reasons),
        _organic_place(language, listing.organic_position) if sponsored else NOTHING,
        request,
        Html(links[request] + html_id) if request in links else NOTHING,
    )


def web_address(url: str | None) -> str:
    """A school's address, if it is one a browser should follow; else nothing."""
    if not url:
        return ""
    full = url if "://" in url else f"https://{url}"
    return full if _WEB_ADDRESS.fullmatch(full) else ""


_CARD = Mould(lambda card: draw_macro("parts/card.html", "card", card), Card)


@lru_cache(MOST_TITLES)
def _program_words(
    language: str, credential: CredentialLevel, title: str, way: Format | None
) -> ProgramWords:
    return ProgramWords(
        as_html(text(language, f"credential_level.{credential}")),
        Html(as_html(title).replace(b"/", b"/<wbr>")),
        as_html(text(language, f"format.{way}")) if way else NOTHING,
    )


@lru_cache(MOST_SCHOOLS)
def _school_words(language: str, school: School, precision: PlacePrecision) -> SchoolWords:
    place = _place(language, school, precision)
    return SchoolWords(
        as_html(school.name),
        as_html(place or text(language, "results.distance.unknown")),
        bool(place),
        as_html(text(language, f"control.{school.control}")),
        as_html(web_address(school.url)),
    )


def _place(language: str, school: School, precision: PlacePrecision) -> str:
    """Say where a school is, never better than we know it; nothing when we do not."""
    if precision in _NEAR_ENOUGH and school.city:
        exact = precision is PlacePrecision.EXACT
        key = "results.distance.city" if exact else "results.distance.in_or_near"
        return text(language, key, city=school.city, state=school.state or "")
    return region_name(language, school.state) if school.state in REGIONS else ""


def _near(language: str, listing: Listing, unit: Unit) -> Html:
    """Say how near a program is, never better than we know where it is."""
    miles, city = listing.distance_miles, listing.school.city
    if miles is None:
        return _away(language, "nearby", unit) if listing.nearby and not city else NOTHING
    if listing.place_precision is PlacePrecision.EXACT:
        length = whole(miles, unit)
        return _away(language, "away" if length else "near", unit, length)
    kind = "by_city" if city else "by_area"
    return _away(language, kind, unit, whole(miles, unit, exact=False))


@lru_cache(MOST_LENGTHS)
def _away(language: str, kind: str, unit: Unit, length: int = 0) -> Html:
    return as_html(text(language, f"results.distance.{kind}.{unit}", n=length))


def _organic_place(language: str, place: int) -> Html:
    return as_html(text(language, "results.organic_position", n=place))


def _ask_title(language: str, program: Program, ask_for: AskFor) -> Html:
    """Say to ask for the specialty, unless the school gave the program its own title."""
    if program.title != ask_for.field or program.cip != ask_for.cip:
        return NOTHING
    values = {"field": ask_for.field, "specialty": ask_for.specialty}
    return as_html(text(language, "results.ask_title", **values))
