"""Pages to browse: schools by state, a school's programs, fields and where they are taught."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from matcher.regions import REGIONS
from models.domain.matching import School
from models.domain.place import Region
from service.steps import browse as step
from service.steps.browse_outputs import RegionCount, SchoolLine, SchoolView
from service.web.canonical import browsed, page_number
from service.web.cards import web_address
from service.web.facts import DrawnFacts, show_facts
from service.web.notes import notes
from service.web.pages import locale, services, t
from service.web.query import Query
from service.web.stepping import EDUCATION

# Where schools stand whose state no source tells.
ELSEWHERE = "not-published"
_SCHOOL = re.compile(r"([1-9][0-9]{0,8})(-[a-z0-9-]*)?")
_CIP = re.compile(r"[0-9]{2}\.[0-9]{2}")
_LONGEST_SLUG = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list: words, where they lead, what to know."""

    words: str
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class ShownProgram:
    """A program of a school: what it awards, its figures, its warnings."""

    id: str
    heading: str
    warnings: Sequence[str]
    facts: DrawnFacts


def regions() -> Response | Redirect:
    """States and provinces with how many schools each has."""
    found = step.list_regions(services())
    countries = {
        country: [
            _region_entry(one, url_for("web.schools_of", state=slug_of(one.region)))
            for one in found
            if (one.region.country if one.region else "") == country
        ]
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
    code = _region_code(state)
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


def school(state: str, name: str) -> Response | Redirect:
    """A school with its programs by field."""
    read = _SCHOOL.fullmatch(name)
    if read is None:
        raise NotFound
    found = step.view_school(services(), int(read[1]), page_number())
    if _region_code(state) != found.school.state:
        raise NotFound
    return browsed(
        "school.html",
        school_url(found.school),
        found.part,
        school=found.school,
        place=place_name(REGIONS[found.school.state] if found.school.state else None),
        control=t(f"control.{found.school.control}"),
        website=web_address(found.school.url),
        back_url=url_for("web.schools_of", state=state.lower()),
        facts=show_facts(locale(), found.facts),
        fields=_fields(found),
    )


def fields() -> Response | Redirect:
    """All fields under everyday headings."""
    found = step.list_fields(services())
    series = [
        (
            one.name,
            [
                Entry(
                    line.name,
                    url_for("web.field", cip=line.cip),
                    t("browse.programs", n=line.programs),
                )
                for line in one.fields
            ],
        )
        for one in found
    ]
    return browsed("fields.html", url_for("web.fields"), None, series=series)


def field_in(cip: str, state: str) -> Response | Redirect:
    """The schools of a state that report programs in a field."""
    code = _region_code(state)
    found = step.list_schools_of_field(services(), checked_cip(cip), code, page_number())
    if not found.part.total:
        raise NotFound
    return browsed(
        "field_in.html",
        url_for("web.field_in", cip=cip, state=slug_of(found.region)),
        found.part,
        name=step.field_name(services(), cip),
        place=place_name(found.region),
        field_url=url_for("web.field", cip=cip),
        entries=[_school_entry(line) for line in found.schools],
        search_url=_start_url(field=cip, region=code),
    )


def school_url(shown: School) -> str:
    """A school's address here: its state, its id and its name."""
    state = shown.state.lower() if shown.state else ELSEWHERE
    return url_for("web.school", state=state, name=f"{shown.unitid}-{slug(shown.name)}")


def slug(words: str) -> str:
    """Write a name for an address: ``St. John's`` is ``st-johns``."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    parts = re.findall("[a-z0-9]+", plain.replace("'", ""))
    return "-".join(parts)[:_LONGEST_SLUG].strip("-")


def checked_cip(asked: str) -> str:
    """A field's code as an address gives it; what cannot be one is not found."""
    if not _CIP.fullmatch(asked):
        raise NotFound
    return asked


def _region_code(asked: str) -> str | None:
    """The region that an address names; None: schools whose state is not published."""
    if asked == ELSEWHERE:
        return None
    code = asked.upper()
    if code not in REGIONS or len(asked) > 2:
        raise NotFound
    return code


def slug_of(region: Region | None) -> str:
    """A state or province in an address."""
    return region.code.lower() if region else ELSEWHERE


def place_name(region: Region | None) -> str:
    """A state or province in words, or that it is not published."""
    return region.name if region else t("browse.not_published")


def _region_entry(counted: RegionCount, url: str) -> Entry:
    return Entry(place_name(counted.region), url, t("browse.schools", n=counted.schools))


def _school_entry(line: SchoolLine) -> Entry:
    parts = [line.school.city or "", t(f"control.{line.school.control}")]
    parts.append(t("browse.programs", n=line.programs))
    words = " · ".join(part for part in parts if part)
    return Entry(line.school.name, school_url(line.school), words)


def _fields(found: SchoolView) -> list[tuple[str, str, list[ShownProgram]]]:
    return [
        (
            one.name,
            url_for("web.field", cip=one.cip),
            [
                ShownProgram(
                    id=line.program.id.replace(".", "-"),
                    heading=t(
                        "request.about",
                        credential=t(f"credential_level.{line.program.credential_level}"),
                        program=line.program.title,
                    ),
                    warnings=notes("warning", line.warnings),
                    facts=show_facts(locale(), line.facts),
                )
                for line in one.programs
            ],
        )
        for one in found.fields
    ]


def _start_url(**answers: str | None) -> str:
    """Where a search begins that knows these answers already."""
    return Query((name, value) for name, value in answers.items() if value).url(EDUCATION)
