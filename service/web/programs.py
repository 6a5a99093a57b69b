"""A program's page: its figures with their limits, a chart, its school, other programs there."""

from flask import Response, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from models.domain.matching import Program
from service.steps import programs as step
from service.web.addresses import place_of, program_url, read_school, school_url
from service.web.bars import Amount, amount, draw_bars
from service.web.browse import Entry
from service.web.canonical import browsed
from service.web.cards import web_address
from service.web.facts import show_facts
from service.web.names import plain_name
from service.web.notes import notes
from service.web.pages import locale, services, t
from service.web.structured import of_program, trail


def program(state: str, name: str, program: str) -> Response | Redirect:
    """Draw a program's page; an old id, or another spelling, leads to its one address."""
    unitid, region = read_school(state, name)
    found = step.view_program(services(), f"prog_{unitid}.{program}")
    view, school = found.view, found.view.school
    if region != school.state:
        raise NotFound
    heading, url, website = (
        program_words(view.program),
        program_url(school, view.program),
        web_address(school.url),
    )
    amounts = _amounts(view.amounts)
    return browsed(
        "program.html",
        url,
        None,
        view=view,
        heading=heading,
        credential=credential_name(view.program),
        field_name=plain_name(view.program.cip),
        place=place_of(school),
        control=t(f"control.{school.control}"),
        school_url=school_url(school),
        website=website,
        warnings=notes("warning", view.warnings),
        badges=notes("badge", view.badges),
        facts=show_facts(locale(), view.facts),
        chart=draw_bars([(t(f"program.{one.kind}"), [one]) for one in amounts]),
        amounts=amounts,
        where=found.where,
        compare_url=url_for("web.compare", program=view.program.id),
        others=[
            Entry(
                one.title,
                program_url(school, one),
                plain_name(one.cip),
                english=True,
                credential=credential_name(one),
            )
            for one, _ in found.others
        ],
        structured=[
            of_program(view, heading, website),
            trail((school.name, school_url(school)), (heading, url)),
        ],
    )


def program_words(one: Program) -> str:
    """What a program is called: its credential and its title."""
    return whole_title(credential_name(one), one.title)


def credential_name(one: Program) -> str:
    """What a program's credential is called."""
    return t(f"credential_level.{one.credential_level}")


def whole_title(credential: str, title: str) -> str:
    """A credential and a title where no part can be marked as English."""
    return t("request.about", credential=credential, program=title)


def _amounts(amounts: step.Amounts) -> list[Amount]:
    """What graduates earn and owe, in the order of the chart."""
    return [
        amount("earnings", amounts.earnings),
        amount("usual", amounts.usual),
        amount("debt", amounts.debt),
    ]
