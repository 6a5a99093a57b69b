"""Figures as pages show them: each with the letter of its source, the sources once below."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from markupsafe import Markup

from models.domain.matching import Fact
from service.messages import text
from service.web.moulds import NOTHING, Html, Mould, as_html, as_markup, join
from service.web.pages import draw_macro

LETTERS = "abcdefgh"
# Figures whose line is kept, at about 300 bytes each: most are of many programs, or missing.
MOST_FIGURES = 2048
_VALUE = Html("\ue002".encode())


class Figure(NamedTuple):
    """One figure with its label; ``mark`` names its source where there are several."""

    label: str
    value: Html
    missing: bool
    mark: str


class Source(NamedTuple):
    """Where figures come from, and of which year."""

    mark: str
    words: str


class Sources(NamedTuple):
    """All sources of a list of figures."""

    all: tuple[Source, ...]


class Facts(NamedTuple):
    """Figures and the sources they name."""

    figures: Markup
    sources: Markup

    def __bool__(self) -> bool:
        """Tell whether there are any figures."""
        return bool(self.figures)


def show_facts(language: str, facts: Sequence[Fact]) -> Facts:
    """Draw figures for a template that is drawn anew each time."""
    figures, sources = draw_facts(language, facts)
    return Facts(as_markup(figures), as_markup(sources))


def draw_facts(language: str, facts: Sequence[Fact]) -> tuple[Html, Html]:
    """Draw figures and, apart, their sources: each is named once and has a letter of its own."""
    named = tuple([(fact.source, fact.year) for fact in facts])
    marks, sources = _sources(language, named)
    lines = [
        _line(language, fact.name, fact.value, fact.unit, mark)
        for fact, mark in zip(facts, marks, strict=True)
    ]
    return join(lines), sources


@lru_cache
def _sources(language: str, named: tuple[tuple[str, str], ...]) -> tuple[tuple[str, ...], Html]:
    """Give each figure the mark of its source and year, and draw the sources."""
    each = list(dict.fromkeys(named))
    marks = dict(zip(each, LETTERS if len(each) > 1 else [""], strict=False))
    shown = tuple(
        Source(mark, text(language, "results.facts.source", source=source, year=year))
        for (source, year), mark in marks.items()
    )
    drawn = _SOURCES.draw(language, Sources(shown)) if shown else NOTHING
    return tuple(marks[one] for one in named), drawn


@lru_cache(MOST_FIGURES)
def _line(language: str, name: str, value: float | None, unit: str, mark: str) -> Html:
    """Draw a figure; a missing one says so and is never 0."""
    before, after = _around(language, name, mark, missing=value is None)
    if value is None:
        said = text(language, "results.facts.not_available")
    else:
        said = _written(language, value, unit)
    return join((before, as_html(said), after))


@cache
def _around(language: str, name: str, mark: str, *, missing: bool) -> tuple[Html, Html]:
    """Draw a figure but for its value: what stands before it, and after."""
    figure = Figure(text(language, f"fact.{name}"), _VALUE, missing, mark)
    before, _, after = _FIGURE.draw(language, figure).partition(_VALUE)
    return Html(before), Html(after)


def _written(language: str, value: float, unit: str) -> str:
    if unit.startswith("usd"):
        return text(language, "number.dollars", value=round(value))
    if unit == "share":
        return text(language, "number.percent", value=round(value * 100))
    return text(language, "number.plain", value=round(value))


_FIGURE = Mould(lambda view: draw_macro("parts/facts.html", "figure_line", view), Figure)
_SOURCES = Mould(lambda view: draw_macro("parts/facts.html", "sources_named", view), Sources)
