"""A school's page: its figures, what it teaches, what its graduates earn and owe, where it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from service.steps import browse as step
from service.steps.browse_outputs import ProgramLine, SchoolView
from service.steps.highlighted import said_of
from service.steps.programs import whereabouts
from service.web.addresses import place_of, program_url, read_school, school_url
from service.web.bars import Amount, amount, draw_bars
from service.web.canonical import browsed, page_number
from service.web.cards import web_address
from service.web.facts import DrawnFacts, show_facts
from service.web.names import plain_name
from service.web.notes import notes
from service.web.pages import locale, services, t
from service.web.programs import credential_name, whole_title
from service.web.structured import of_school, trail


@dataclass(frozen=True, slots=True)
class ShownProgram:
    """A program of a school: what it awards, its figures, its warnings."""

    id: str
    program_id: str
    credential: str
    title: str
    url: str
    warnings: Sequence[str]
    facts: DrawnFacts


@dataclass(frozen=True, slots=True)
class Owed:
    """A program whose earnings and debt are both published."""

    credential: str
    title: str
    amounts: tuple[Amount, Amount]


def school(state: str, name: str) -> Response | Redirect:
    """A school with its programs by field."""
    unitid, region = read_school(state, name)
    found = step.view_school(services(), unitid, page_number())
    shown = found.school
    if region != shown.state:
        raise NotFound
    url, website = school_url(shown), web_address(shown.url)
    where, owed = whereabouts(services(), unitid), _owed(found)
    return browsed(
        "school.html",
        url,
        found.part,
        school=shown,
        place=place_of(shown),
        control=t(f"control.{shown.control}"),
        website=website,
        says=notes("badge", said_of(services().serving.state().highlights, unitid, None)),
        back_url=url_for("web.schools_of", state=state.lower()),
        facts=show_facts(locale(), found.facts),
        fields=_fields(found),
        where=where,
        owed=owed,
        chart=draw_bars([(whole_title(one.credential, one.title), one.amounts) for one in owed]),
        structured=[
            of_school(shown, url, website, where),
            trail((t("browse.regions.title"), url_for("web.regions")), (shown.name, url)),
        ],
    )


def _fields(found: SchoolView) -> list[tuple[str, str, list[ShownProgram]]]:
    return [
        (
            plain_name(one.cip),
            url_for("web.field", cip=one.cip),
            [_program(found, line) for line in one.programs],
        )
        for one in found.fields
    ]


def _program(found: SchoolView, line: ProgramLine) -> ShownProgram:
    return ShownProgram(
        id=line.program.id.replace(".", "-"),
        program_id=line.program.id,
        credential=credential_name(line.program),
        title=line.program.title,
        url=program_url(found.school, line.program),
        warnings=notes("warning", line.warnings),
        facts=show_facts(locale(), line.facts),
    )


def _owed(found: SchoolView) -> list[Owed]:
    """Programs of the page with both amounts, in the page's order."""
    lines = (line for field in found.fields for line in field.programs)
    owed = []
    for line in lines:
        values = {fact.name.partition("_")[0]: fact.value for fact in line.facts.each()}
        earnings, debt = values.get("earnings"), values.get("debt")
        if earnings is not None and debt is not None:
            pair = (amount("earnings", earnings), amount("debt", debt))
            owed.append(Owed(credential_name(line.program), line.program.title, pair))
    return owed
