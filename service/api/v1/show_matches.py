"""Matches as JSON."""

from collections.abc import Iterable
from typing import Any

from models.domain.ids import Prefix, show
from models.domain.matching import Fact, Listing, Note, Program, School
from models.domain.school_id import show_school
from service.messages import note
from service.messages.lengths import Unit, unit_in
from service.messages.review import is_draft
from service.steps.outputs import Matches, ShownListing

Document = dict[str, Any]


def show_matches(matches: Matches, locale: str) -> Document:
    """Write a page of a slate in the form of the public contract."""
    page, unit = matches.page, unit_in(matches.slate.jurisdiction)
    return {
        "slate_id": show(Prefix.SLATE, matches.slate.id),
        "ranker_version": matches.slate.ranker_version,
        "catalog_version": matches.slate.catalog_version,
        "demonstration": matches.demonstration,
        "demonstration_notes": show_notes(locale, "demonstration", matches.notes),
        "fields": [
            {"cip": field.cip, "title": field.title, "specialty": field.specialty}
            for field in matches.fields
        ],
        "page": page.page,
        "pages": page.pages,
        "total": page.total,
        "sponsored_total": page.sponsored_total,
        "format_known": page.format_known,
        "steering_index": page.steering_index,
        "facets": {
            name: [{"value": option.value, "count": option.count} for option in options]
            for name, options in page.facets.items()
        },
        "advice": show_notes(locale, "advice", (*_draft(locale), *matches.advice)),
        "results": [_show_listing(listing, locale, unit) for listing in matches.listings],
    }


def show_notes(
    locale: str, kind: str, notes: Iterable[Note], unit: Unit = Unit.MILES
) -> list[Document]:
    """Write notes as code and text, with distances in the unit of the student's country."""
    return [{"code": each.code, "text": note(locale, kind, each, unit)} for each in notes]


def _draft(locale: str) -> tuple[Note, ...]:
    """Say so while nobody has read the texts of the language that was asked for."""
    return (Note("draft_translation"),) if is_draft(locale) else ()


def _show_listing(shown: ShownListing, locale: str, unit: Unit) -> Document:
    listing: Listing = shown.listing
    return {
        "listing_id": shown.id,
        "position": listing.position,
        "organic_position": listing.organic_position,
        "sponsored": listing.sponsored,
        "fictional_sponsor": shown.fictional,
        "request": shown.request.value,
        "school_url": listing.school.url,
        "school": _show_school(listing.school),
        "program": _show_program(listing.program),
        "distance_miles": listing.distance_miles,
        "place_precision": listing.place_precision.value,
        "facts": [_show_fact(fact) for fact in listing.facts.each()],
        "warnings": show_notes(locale, "warning", listing.warnings),
        "badges": show_notes(locale, "badge", listing.badges),
        "reasons": show_notes(locale, "reason", listing.reasons, unit),
    }


def _show_school(school: School) -> Document:
    return {
        "id": show_school(school.unitid),
        "name": school.name,
        "city": school.city,
        "state": school.state,
        "control": school.control,
    }


def _show_program(program: Program) -> Document:
    return {
        "id": program.id,
        "cip": program.cip,
        "title": program.title,
        "credential_level": program.credential_level.value,
        "format": program.format.value if program.format else None,
    }


def _show_fact(fact: Fact) -> Document:
    value = fact.value
    if value is not None and float(value).is_integer():
        value = int(value)
    return {
        "name": fact.name,
        "value": value,
        "unit": fact.unit,
        "source": fact.source,
        "year": fact.year,
    }
