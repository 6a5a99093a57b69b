"""Figures as pages show them: each with the letter of its source, the sources once below."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

from markupsafe import Markup

from models.domain.matching import FactKind, Facts
from service.messages import text
from service.web.moulds import NOTHING, Html, Mould, as_html, as_markup, join
from service.web.pages import draw_macro

LETTERS = "abcdefgh"
# Values of each kind of figure whose line is kept, at about 300 bytes: most are of many programs.
MOST_VALUES = 512
_VALUE = Html("\ue002".encode())
_Line = Callable[[float | None], Html]


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


class DrawnFacts(NamedTuple):
    """Figures and the sources they name."""

    figures: Markup
    sources: Markup

    def __bool__(self) -> bool:
        """Tell whether there are any figures."""
        return bool(self.figures)


def show_facts(language: str, facts: Facts) -> DrawnFacts:
    """Draw figures for a template that is drawn anew each time."""
    figures, sources = draw_facts(language, facts)
    return DrawnFacts(as_markup(figures), as_markup(sources))


def draw_facts(language: str, facts: Facts) -> tuple[Html, Html]:
    """Draw figures and, apart, their sources: each is named once and has a letter of its own."""
    lines, sources = _kinds(language, facts.kinds)
    return join([draw(value) for draw, value in zip(lines, facts.values, strict=True)]), sources


@lru_cache
def _kinds(language: str, kinds: tuple[FactKind, ...]) -> tuple[tuple[_Line, ...], Html]:
    """Give each kind of figure what draws its line, and draw their sources."""
    named = [(kind.source, kind.year) for kind in kinds]
    each = list(dict.fromkeys(named))
    marks = dict(zip(each, LETTERS if len(each) > 1 else [""], strict=False))
    shown = tuple(
        Source(mark, text(language, "results.facts.source", source=source, year=year))
        for (source, year), mark in marks.items()
    )
    drawn = _SOURCES.draw(language, Sources(shown)) if shown else NOTHING
    lines = (
        _line(language, kind.name, kind.unit, marks[its])
        for kind, its in zip(kinds, named, strict=True)
    )
    return tuple(lines), drawn


@cache
def _line(language: str, name: str, unit: str, mark: str) -> _Line:
    """Make what draws a kind of figure; a missing one says so and is never 0."""

    @lru_cache(MOST_VALUES)
    def draw(value: float | None) -> Html:
        before, after = _around(language, name, mark, missing=value is None)
        if value is None:
            said = text(language, "results.facts.not_available")
        else:
            said = _written(language, value, unit)
        return join((before, as_html(said), after))

    return draw


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
