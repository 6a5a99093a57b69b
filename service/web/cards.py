"""A listing as its card shows it: words and figures, ready for the template."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from matcher.regions import REGIONS
from models.domain.matching import Listing, Note, PlacePrecision, RequestChannel
from service.messages import note
from service.steps.outputs import ShownListing
from service.web.facts import Facts, show_facts
from service.web.pages import locale, t

_WEB_ADDRESS = re.compile(
    r"https?://[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?([/?#][^\s<>\"]*)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Card:
    """Everything a card says."""

    id: str
    sponsored: bool
    fictional: bool
    credential: str
    title: str
    school: str
    where: str
    control: str
    format: str
    warnings: list[str]
    ask_title: str
    facts: Facts
    badges: list[str]
    reasons: list[str]
    organic_position: int
    request: str
    ask_url: str
    school_url: str


@dataclass(frozen=True, slots=True)
class AskFor:
    """A specialty that schools report only as part of a wider field."""

    cip: str
    field: str
    specialty: str


def card(shown: ShownListing, ask_url: str, ask_for: AskFor | None) -> Card:
    """Put a listing into words.

    Args:
        shown: the listing.
        ask_url: where "Ask for information" leads.
        ask_for: the specialty that the student's words mean.
    """
    listing = shown.listing
    program, school = listing.program, listing.school
    url = web_address(school.url)
    # A school whose address is not one a browser should follow is a school without a site.
    unusable = shown.request is RequestChannel.SCHOOL_SITE and not url
    return Card(
        id=shown.id,
        sponsored=listing.sponsored,
        fictional=shown.fictional,
        credential=t(f"credential_level.{program.credential_level}"),
        title=program.title,
        school=school.name,
        where=where(listing),
        control=t(f"control.{school.control}"),
        format=t(f"format.{program.format}") if program.format else "",
        warnings=notes("warning", listing.warnings),
        ask_title=_ask_title(listing, ask_for),
        facts=show_facts(listing.facts),
        badges=notes("badge", listing.badges),
        reasons=notes("reason", listing.reasons),
        organic_position=listing.organic_position if listing.sponsored else 0,
        request=str(RequestChannel.NONE if unusable else shown.request),
        ask_url=ask_url,
        school_url=url,
    )


def notes(kind: str, said: Sequence[Note]) -> list[str]:
    """Put notes into words."""
    return [note(locale(), kind, one) for one in said]


def where(listing: Listing) -> str:
    """Say where a program is, never better than we know it."""
    school = listing.school
    region = REGIONS.get(school.state or "")
    name = region.name if region else ""
    if listing.place_precision in {PlacePrecision.EXACT, PlacePrecision.CITY} and school.city:
        name = t("results.distance.city", city=school.city, state=school.state or "")
    if not name:
        return t("results.distance.unknown")
    if listing.distance_miles is None:
        return name
    miles = round(listing.distance_miles)
    if miles < 1:
        return f"{name}, {t('results.distance.near')}"
    return f"{name}, {t('results.distance.miles', n=miles)}"


def web_address(url: str | None) -> str:
    """A school's address, if it is one a browser should follow; else nothing."""
    if not url:
        return ""
    full = url if "://" in url else f"https://{url}"
    return full if _WEB_ADDRESS.fullmatch(full) else ""


def _ask_title(listing: Listing, ask_for: AskFor | None) -> str:
    """Say to ask for the specialty, unless the school gave the program its own title."""
    program = listing.program
    if ask_for is None or (program.cip, program.title) != (ask_for.cip, ask_for.field):
        return ""
    return t("results.ask_title", field=ask_for.field, specialty=ask_for.specialty)
