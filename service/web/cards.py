"""A listing as its card shows it: words and figures, ready for the template."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from matcher.regions import REGIONS
from models.domain.matching import Fact, Listing, Note, PlacePrecision, RequestChannel
from service.messages import note
from service.steps.outputs import ShownField, ShownListing
from service.web.pages import locale, t


@dataclass(frozen=True, slots=True)
class ShownFact:
    """One figure with its label and where it comes from."""

    label: str
    value: str
    missing: bool
    source: str


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
    facts: list[ShownFact]
    badges: list[str]
    reasons: list[str]
    organic_position: int
    request: str
    ask_url: str
    school_url: str


def card(shown: ShownListing, ask_url: str, meant: Sequence[ShownField]) -> Card:
    """Put a listing into words.

    Args:
        shown: the listing.
        ask_url: where "Ask for information" leads.
        meant: the fields that the student's words mean.
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
        ask_title=_ask_title(listing, meant),
        facts=[shown_fact(fact) for fact in listing.facts],
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


def shown_fact(fact: Fact) -> ShownFact:
    """Write a figure with its source and year; a missing one says so and is never 0."""
    label = t(f"fact.{fact.name}")
    source = t("results.facts.source", source=fact.source, year=fact.year)
    if fact.value is None:
        return ShownFact(label, t("results.facts.not_available"), missing=True, source=source)
    return ShownFact(label, figure(fact.value, fact.unit), missing=False, source=source)


def figure(value: float, unit: str) -> str:
    """Write a value in its unit."""
    if unit.startswith("USD"):
        return t("number.dollars", value=round(value))
    if unit == "share":
        return t("number.percent", value=round(value * 100))
    return t("number.plain", value=round(value))


def web_address(url: str | None) -> str:
    """A school's address, if it is one a browser may follow; else nothing."""
    if not url:
        return ""
    full = url if "://" in url else f"https://{url}"
    try:
        parts = urlsplit(full)
    except ValueError:
        return ""
    return full if parts.scheme in {"http", "https"} and parts.hostname else ""


def _ask_title(listing: Listing, meant: Sequence[ShownField]) -> str:
    """A field is coarse: ask for the specialty, unless the school gave the title itself."""
    for one in meant:
        if one.specialty and one.cip == listing.program.cip and one.title == listing.program.title:
            return t("results.ask_title", field=one.title, specialty=one.specialty)
    return ""
