"""The page of a field: its guide, what is awarded, what it leads to, where it is taught."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Response, url_for
from werkzeug.wrappers import Response as Redirect

from matcher.fielddata import Specialty
from models.domain.levels import EducationLevel
from service.guides import find_guide
from service.steps import browse as step
from service.steps.careers import career_of_field
from service.web.addresses import slug_of
from service.web.browse import Entry, checked_cip, in_order, region_entry
from service.web.canonical import browsed
from service.web.careers import show_career
from service.web.names import plain_name
from service.web.pages import locale, services, t
from service.web.query import Query
from service.web.stepping import EDUCATION, PLACE
from service.web.structured import of_field, trail

# High-school equivalency and basic skills: who studies these needs no diploma first.
_WITHOUT_DIPLOMA = ("32.", "53.")


@dataclass(frozen=True, slots=True)
class Contents:
    """A line of the list of what is on the page."""

    id: str
    words: str


def field(cip: str) -> Response | Redirect:
    """Draw a field's page; what no source says is not on it."""
    found = step.view_field(services(), checked_cip(cip))
    guide = find_guide(locale(), cip)
    career = career_of_field(services(), cip)
    url = url_for("web.field", cip=cip)
    return browsed(
        "field.html",
        url,
        None,
        field=found,
        name=plain_name(cip),
        guide=guide,
        career=show_career(career) if career else None,
        contents=list(
            _contents(
                [(one.id, one.title) for one in guide.sections] if guide else [],
                career=career is not None,
                specialties=bool(found.specialties),
            )
        ),
        education_levels=[str(level) for level in EducationLevel],
        needs_diploma=not cip.startswith(_WITHOUT_DIPLOMA),
        ged_url=Query([("education_level", str(EducationLevel.NO_DIPLOMA))]).url(PLACE),
        specialties=[_specialty(one) for one in found.specialties],
        awarded_source=step.programs_source(services()),
        entries=in_order(
            region_entry(one, url_for("web.field_in", cip=cip, state=slug_of(one.region)))
            for one in found.regions
        ),
        search_url=Query([("field", cip)]).url(EDUCATION),
        structured=[
            of_field(plain_name(cip), found.official, cip, url),
            trail((t("browse.fields.title"), url_for("web.fields")), (plain_name(cip), url)),
        ],
    )


def _specialty(one: Specialty) -> Entry:
    credential = t(f"credential_level.{one.credential}")
    note = t("browse.field.usual", credential=credential)
    return Entry(one.name, Query([("query", one.name)]).url(EDUCATION), f"({note})", english=True)


def _contents(
    sections: Sequence[tuple[str, str]], *, career: bool, specialties: bool
) -> Iterable[Contents]:
    yield from (Contents(place, title) for place, title in sections)
    if career:
        yield Contents("careers", t("career.title"))
    if specialties:
        yield Contents("specialties", t("browse.field.specialties"))
    yield Contents("awarded", t("browse.field.credentials"))
    yield Contents("taught", t("browse.field.states"))
