"""A listing as its card shows it: words and figures, ready for the template.

What a card says of its program is the same whoever asks, and is kept for a while.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup
from typing_extensions import override

from matcher.regions import REGIONS
from models.domain.matching import (
    Fact,
    Listing,
    Note,
    PlacePrecision,
    Program,
    RequestChannel,
    School,
)
from service.messages import note, text
from service.steps.outputs import ShownListing
from service.web.facts import Facts, show_facts
from service.web.moulds import Mould, Taken
from service.web.pages import draw_macro, locale

# Programs, at about 3 KB each, whose words are kept.
MOST_PROGRAMS = 1024
MOST_MILES = 4096
_NEAR_ENOUGH = frozenset({PlacePrecision.EXACT, PlacePrecision.CITY})
_WEB_ADDRESS = re.compile(
    r"https?://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?([/?#][^\s<>\"]*)?", re.IGNORECASE
)


class About(NamedTuple):
    """What a card says of a program, whoever asks."""

    credential: str
    title: str
    school: str
    place: str
    placed: bool
    control: str
    format: str
    warnings: tuple[str, ...]
    facts: Facts
    badges: tuple[str, ...]
    school_url: str


class Card(NamedTuple):
    """What a card says to one student: how near it is, why it is here, how to ask."""

    id: str
    sponsored: bool
    fictional: bool
    near: str
    ask_title: str
    reasons: tuple[str, ...]
    organic_place: str
    request: RequestChannel
    ask_url: str


class _Offering(NamedTuple):
    """All that ``About`` is made from: what was kept for it holds for nothing else."""

    program: Program
    school: School
    precision: PlacePrecision
    facts: tuple[Fact, ...]
    warnings: tuple[Note, ...]
    badges: tuple[Note, ...]

    @override
    def __hash__(self) -> int:
        return hash(self.program.id)


@dataclass(frozen=True, slots=True)
class AskFor:
    """A specialty that schools report only as part of a wider field."""

    cip: str
    field: str
    specialty: str


def draw_cards(listings: Sequence[ShownListing], ask_url: str, ask_for: AskFor | None) -> Markup:
    """Draw the cards of listings.

    Args:
        listings: as they stand on the page.
        ask_url: where "Ask for information" leads, but for a listing's id at its end.
        ask_for: the specialty that the student's words mean.
    """
    language = locale()
    drawn = [_draw_card(language, shown, ask_url, ask_for) for shown in listings]
    return Markup("".join(drawn))  # noqa: S704 - cards as the template drew them


def _draw_card(language: str, shown: ShownListing, ask_url: str, ask_for: AskFor | None) -> str:
    listing = shown.listing
    offering = _Offering(
        listing.program,
        listing.school,
        listing.place_precision,
        listing.facts,
        listing.warnings,
        listing.badges,
    )
    about, linked = _about(language, offering)
    sponsored = listing.sponsored
    here = shown.request is RequestChannel.HERE
    # A school whose address is not one a browser should follow is a school without a site.
    unusable = shown.request is RequestChannel.SCHOOL_SITE and not linked
    card = Card(
        shown.id,
        sponsored,
        shown.fictional,
        _near(language, listing),
        "" if ask_for is None else _ask_title(language, listing.program, ask_for),
        _notes(language, "reason", listing.reasons),
        _organic_place(language, listing.organic_position) if sponsored else "",
        RequestChannel.NONE if unusable else shown.request,
        ask_url + shown.id if here else "",
    )
    return _CARD.fill(language, about, _CARD.forms[1].take(card))


def notes(kind: str, said: Sequence[Note]) -> tuple[str, ...]:
    """Put notes into words."""
    return _notes(locale(), kind, said)


def _notes(language: str, kind: str, said: Sequence[Note]) -> tuple[str, ...]:
    return tuple([note(language, kind, one) for one in said])


def web_address(url: str | None) -> str:
    """A school's address, if it is one a browser should follow; else nothing."""
    if not url:
        return ""
    full = url if "://" in url else f"https://{url}"
    return full if _WEB_ADDRESS.fullmatch(full) else ""


def _draw(about: About, card: Card) -> str:
    return draw_macro("parts/card.html", "card", about, card)


_CARD = Mould(_draw, About, Card)


@lru_cache(MOST_PROGRAMS)
def _about(language: str, offering: _Offering) -> tuple[Taken, bool]:
    """Put a program into words; tell as well whether its school can be linked."""
    program, school = offering.program, offering.school
    url, place = web_address(school.url), _place(language, offering)
    about = About(
        credential=text(language, f"credential_level.{program.credential_level}"),
        title=program.title,
        school=school.name,
        place=place or text(language, "results.distance.unknown"),
        placed=bool(place),
        control=text(language, f"control.{school.control}"),
        format=text(language, f"format.{program.format}") if program.format else "",
        warnings=_notes(language, "warning", offering.warnings),
        facts=show_facts(language, offering.facts),
        badges=_notes(language, "badge", offering.badges),
        school_url=url,
    )
    return _CARD.forms[0].take(about), bool(url)


def _place(language: str, offering: _Offering) -> str:
    """Say where a program is, never better than we know it; nothing when we do not."""
    school = offering.school
    if offering.precision in _NEAR_ENOUGH and school.city:
        exact = offering.precision is PlacePrecision.EXACT
        key = "results.distance.city" if exact else "results.distance.in_or_near"
        return text(language, key, city=school.city, state=school.state or "")
    region = REGIONS.get(school.state or "")
    return region.name if region else ""


def _near(language: str, listing: Listing) -> str:
    """Say how near a program is, never better than we know where it is."""
    miles, city = listing.distance_miles, listing.school.city
    if miles is None:
        unsaid = listing.nearby and not city
        return text(language, "results.distance.nearby") if unsaid else ""
    if listing.place_precision is PlacePrecision.EXACT:
        key = "results.distance.miles" if round(miles) else "results.distance.near"
    else:
        key = "results.distance.by_city" if city else "results.distance.by_area"
    return _away(language, key, round(miles))


@lru_cache(MOST_MILES)
def _away(language: str, key: str, miles: int) -> str:
    return text(language, key, n=miles)


def _organic_place(language: str, place: int) -> str:
    return text(language, "results.organic_position", n=place)


def _ask_title(language: str, program: Program, ask_for: AskFor) -> str:
    """Say to ask for the specialty, unless the school gave the program its own title."""
    if program.title != ask_for.field or program.cip != ask_for.cip:
        return ""
    values = {"field": ask_for.field, "specialty": ask_for.specialty}
    return text(language, "results.ask_title", **values)
