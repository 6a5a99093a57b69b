"""Pages of occupations: their pay and outlook, and the fields that lead to them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from matcher.careers import Career, CareerSource, Occupation
from service.messages.names import by_name
from service.steps import careers as step
from service.web.browse import Entry
from service.web.canonical import browsed
from service.web.names import plain_name
from service.web.pages import services, t
from service.web.structured import of_occupation, trail

_SOC = re.compile(r"[0-9]{2}-[0-9]{4}")


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure with its label; a missing one says so."""

    label: str
    value: str
    missing: bool


@dataclass(frozen=True, slots=True)
class ShownOccupation:
    """An occupation in a list: where its page is, and its figures."""

    title: str
    url: str
    figures: Sequence[ShownFigure]


@dataclass(frozen=True, slots=True)
class ShownCareer:
    """What a field leads to; ``lead`` sums up its occupations where the file does."""

    lead: str
    occupations: Sequence[ShownOccupation]
    source: str


def careers() -> Response | Redirect:
    """Every occupation that fields lead to."""
    found = step.list_occupations(services())
    if found is None:
        raise NotFound
    entries = [Entry(title, _url(soc), "", english=True) for soc, title in found.occupations]
    source = source_words(found.source)
    return browsed("careers.html", url_for("web.careers"), None, entries=entries, source=source)


def career(soc: str) -> Response | Redirect:
    """An occupation and the fields that lead to it."""
    if not _SOC.fullmatch(soc):
        raise NotFound
    found = step.view_occupation(services(), soc)
    return browsed(
        "career.html",
        _url(soc),
        None,
        occupation=found.occupation,
        figures=_figures(found.occupation, found.source.outlook),
        source=source_words(found.source),
        fields=sorted(
            (Entry(plain_name(cip), url_for("web.field", cip=cip), "") for cip, _ in found.fields),
            key=lambda one: by_name(one.words),
        ),
        structured=[
            of_occupation(found, _url(soc)),
            trail((t("career.all"), url_for("web.careers")), (found.occupation.title, _url(soc))),
        ],
    )


def show_career(found: step.FieldCareer) -> ShownCareer:
    """What a field leads to, as its page says it."""
    shown = [
        ShownOccupation(one.title, _url(one.soc), _figures(one, found.source.outlook))
        for one in found.career.occupations
    ]
    return ShownCareer(_lead(found.career, found.source), shown, source_words(found.source))


def source_words(source: CareerSource) -> str:
    """Who says so, of which years, under which licence."""
    return t(
        "career.source",
        source=source.name,
        outlook=source.outlook or t("career.years_not_said"),
        release=source.release,
        licence=source.licence,
    )


def _lead(career: Career, source: CareerSource) -> str:
    if career.growth is None or career.openings is None:
        return ""
    return t(
        "career.together",
        change=_change(career.growth),
        years=source.outlook or t("career.years_not_said"),
        openings=t("number.plain", value=round(career.openings)),
    )


def _figures(one: Occupation, years: str) -> list[ShownFigure]:
    wage = None if one.wage is None else t("number.dollars", value=round(one.wage))
    growth = None if one.growth is None else _change(one.growth)
    openings = None if one.openings is None else t("number.plain", value=round(one.openings))
    label = t("career.growth_years", years=years) if years else t("career.growth")
    return [
        _figure(t("career.pay"), wage),
        _figure(label, growth),
        _figure(t("career.openings"), openings),
    ]


def _figure(label: str, value: str | None) -> ShownFigure:
    return ShownFigure(label, value or t("results.facts.not_available"), value is None)


def _change(percent: float) -> str:
    """Say how the number of jobs changes."""
    if not percent:
        return t("career.same")
    written = t("number.percent", value=abs(percent))
    return t("career.more", percent=written) if percent > 0 else t("career.fewer", percent=written)


def _url(soc: str) -> str:
    return url_for("web.career", soc=soc)
