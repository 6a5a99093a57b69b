"""Up to four programs side by side: figures, sources, warnings, and which are sponsored."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response, request

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, read
from service.steps.compare import MOST, Compared, compare_listings, compare_programs
from service.web.addresses import place_of, program_url
from service.web.cards import web_address
from service.web.facts import DrawnFacts, show_facts
from service.web.failures import slate_gone
from service.web.languages import address
from service.web.notes import notes
from service.web.pages import locale, page, services, t, visitor
from service.web.programs import credential_name


@dataclass(frozen=True, slots=True)
class Column:
    """One program as compared."""

    id: str
    credential: str
    title: str
    url: str
    school: str
    place: str
    format: str
    sponsored: bool
    fictional: bool
    warnings: Sequence[str]
    facts: DrawnFacts
    website: str
    remove_url: str


def compare() -> Response:
    """Draw programs side by side; with none chosen, say how to choose."""
    services().slates.admit(visitor().address)
    name = "listing_id" if "slate_id" in request.args else "program"
    asked = list(dict.fromkeys(request.args.getlist(name)))
    try:
        found = _found(name, asked)
    except InvalidInputError:
        return slate_gone()
    return page(
        "compare.html",
        columns=[_column(one, name, asked[:MOST]) for one in found],
        left_out=len(asked) > MOST,
        most=MOST,
    )


def _found(name: str, asked: Sequence[str]) -> tuple[Compared, ...]:
    if name == "program":
        return compare_programs(services(), asked)
    slate_id = read(Prefix.SLATE, request.args.get("slate_id", ""))
    return compare_listings(services(), slate_id, asked)


def _column(one: Compared, name: str, asked: Sequence[str]) -> Column:
    program, school = one.view.program, one.view.school
    chosen = one.listing_id if name == "listing_id" else program.id
    return Column(
        id=program.id.replace(".", "-"),
        credential=credential_name(program),
        title=program.title,
        url=program_url(school, program),
        school=school.name,
        place=", ".join(part for part in (school.city, place_of(school)) if part),
        format=t(f"format.{program.format}") if program.format else t("compare.format_unknown"),
        sponsored=one.sponsored,
        fictional=one.fictional,
        warnings=notes("warning", one.view.warnings),
        facts=show_facts(locale(), one.view.facts),
        website=web_address(school.url),
        remove_url=_without(name, [each for each in asked if each != chosen]),
    )


def _without(name: str, left: Sequence[str]) -> str:
    """The address of the same page with fewer programs."""
    pairs = [(name, one) for one in left]
    if name == "listing_id":
        pairs.insert(0, ("slate_id", request.args.get("slate_id", "")))
    return address("web.compare", urlencode(pairs)) if left else address("web.compare")
