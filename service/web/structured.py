"""What a page is about, in the words of schema.org: only what the page itself says."""

from typing import Any

from flask import url_for

from matcher.regions import REGIONS
from models.domain.matching import PlacePrecision, School
from service.steps.careers import OccupationView
from service.steps.programs import ProgramView, Whereabouts
from service.web.pages import services

Data = dict[str, Any]
_CONTEXT = "https://schema.org"


def of_school(school: School, url: str, website: str, where: Whereabouts) -> Data:
    """A school: its name, its own site, where it is as far as it is known."""
    data = {"@context": _CONTEXT, **_school(school, website), "mainEntityOfPage": _whole(url)}
    if where.precision is PlacePrecision.EXACT and where.point:
        latitude, longitude = where.point
        data["geo"] = {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude}
    return data


def of_program(view: ProgramView, heading: str, website: str) -> Data:
    """A program: what it awards, and which school gives it."""
    return {
        "@context": _CONTEXT,
        "@type": "EducationalOccupationalProgram",
        "name": heading,
        "identifier": view.program.id,
        "educationalProgramMode": _modes(view),
        "provider": _school(view.school, website),
    }


def of_field(name: str, official: str, cip: str, url: str) -> Data:
    """A field: a term of the official list of fields."""
    return {
        "@context": _CONTEXT,
        "@type": "DefinedTerm",
        "name": name,
        "alternateName": official,
        "termCode": cip,
        "inDefinedTermSet": "Classification of Instructional Programs",
        "url": _whole(url),
    }


def of_occupation(found: OccupationView, url: str) -> Data:
    """An occupation with its median pay, where it is published."""
    one = found.occupation
    data: Data = {
        "@context": _CONTEXT,
        "@type": "Occupation",
        "name": one.title,
        "occupationalCategory": one.soc,
        "mainEntityOfPage": _whole(url),
        "occupationLocation": {"@type": "Country", "name": "US"},
    }
    if one.wage is not None:
        data["estimatedSalary"] = {
            "@type": "MonetaryAmountDistribution",
            "name": "base",
            "currency": "USD",
            "duration": "P1Y",
            "median": one.wage,
        }
    return data


def trail(*steps: tuple[str, str]) -> Data:
    """The way from the first page to this one: words and addresses here."""
    return {
        "@context": _CONTEXT,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": words, "item": _whole(url)}
            for place, (words, url) in enumerate(((_SITE, url_for("web.start")), *steps), start=1)
        ],
    }


_SITE = "schoolmatch"


def _school(school: School, website: str) -> Data:
    data: Data = {"@type": "EducationalOrganization", "name": school.name}
    if website:
        data["url"] = website
    address = {"@type": "PostalAddress"}
    if school.city:
        address["addressLocality"] = school.city
    if school.state:
        address["addressRegion"] = school.state
        address["addressCountry"] = REGIONS[school.state].country
        data["address"] = address
    return data


def _modes(view: ProgramView) -> list[str]:
    """How it is taught; nothing while nobody published it."""
    shown = view.program.format
    return (
        []
        if shown is None
        else {"online": ["online"], "campus": ["onsite"]}.get(shown, ["online", "onsite"])
    )


def _whole(url: str) -> str:
    return f"{services().public_url}{url}"
