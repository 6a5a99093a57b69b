"""Pages to browse: schools by state, fields and where they are taught."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Response, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from service.messages.names import by_name, series_name
from service.steps import browse as step
from service.steps.browse_outputs import RegionCount, SchoolLine
from service.steps.careers import knows_careers
from service.web.addresses import ELSEWHERE, place_name, region_code, school_url, slug_of
from service.web.canonical import browsed, page_number
from service.web.names import plain_name
from service.web.pages import locale, services, t
from service.web.query import Query
from service.web.stepping import EDUCATION

_CIP = re.compile(r"[0-9]{2}\.[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list: words, where they lead, what to know.

    ``english``: the words are of our data, which speak English; ``credential`` stands before a
    program's title, in the visitor's language.
    """

    words: str
    url: str
    note: str
    english: bool = False
    credential: str = ""


def regions() -> Response | Redirect:
    """States and provinces with how many schools each has."""
    found = step.list_regions(services())
    countries = {
        country: in_order(
            region_entry(one, url_for("web.schools_of", state=slug_of(one.region)))
            for one in found
            if (one.region.country if one.region else "") == country
        )
        for country in ("US", "CA", "")
    }
    any_canadian = any(one.schools for one in found if one.region and one.region.country == "CA")
    return browsed(
        "regions.html",
        url_for("web.regions"),
        None,
        countries=countries,
        any_canadian=any_canadian,
    )


def schools_of(state: str) -> Response | Redirect:
    """The schools of a state, by name."""
    code = region_code(state)
    found = step.list_schools(services(), code, page_number())
    url = url_for("web.schools_of", state=slug_of(found.region))
    return browsed(
        "schools.html",
        url,
        found.part,
        place=place_name(found.region),
        canada=bool(found.region and found.region.country == "CA"),
        entries=[_school_entry(line) for line in found.schools],
        search_url=_start_url(region=code),
    )


def fields() -> Response | Redirect:
    """All fields under everyday headings."""
    found = step.list_fields(services())
    series = [
        (
            series_name(locale(), one.name),
            [
                Entry(
                    plain_name(line.cip),
                    url_for("web.field", cip=line.cip),
                    t("browse.programs", n=line.programs),
                )
                for line in one.fields
            ],
        )
        for one in found
    ]
    return browsed(
        "fields.html",
        url_for("web.fields"),
        None,
        series=series,
        careers=knows_careers(services()),
    )


def field_in(cip: str, state: str) -> Response | Redirect:
    """The schools of a state that report programs in a field."""
    code = region_code(state)
    found = step.list_schools_of_field(services(), checked_cip(cip), code, page_number())
    if not found.part.total:
        raise NotFound
    return browsed(
        "field_in.html",
        url_for("web.field_in", cip=cip, state=slug_of(found.region)),
        found.part,
        name=plain_name(cip),
        place=place_name(found.region),
        field_url=url_for("web.field", cip=cip),
        entries=[_school_entry(line) for line in found.schools],
        search_url=_start_url(field=cip, region=code),
    )


def checked_cip(asked: str) -> str:
    """A field's code as an address gives it; what cannot be one is not found."""
    if not _CIP.fullmatch(asked):
        raise NotFound
    return asked


def region_entry(counted: RegionCount, url: str) -> Entry:
    """A place with how many schools are there."""
    return Entry(place_name(counted.region), url, t("browse.schools", n=counted.schools))


def in_order(places: Iterable[Entry]) -> list[Entry]:
    """Put places in the order of their names in the visitor's language, those of none last."""
    return sorted(places, key=lambda one: (ELSEWHERE in one.url, by_name(one.words)))


def _school_entry(line: SchoolLine) -> Entry:
    parts = [line.school.city or "", t(f"control.{line.school.control}")]
    parts.append(t("browse.programs", n=line.programs))
    words = " · ".join(part for part in parts if part)
    return Entry(line.school.name, school_url(line.school), words)


def _start_url(**answers: str | None) -> str:
    """Where a search begins that knows these answers already."""
    return Query((name, value) for name, value in answers.items() if value).url(EDUCATION)
