"""Figures as pages show them: each with the letter of its source, the sources once below."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

from markupsafe import Markup

from models.domain.matching import FactKind, Facts
from service.messages import text
from service.messages.formats import write
from service.web.moulds import NOTHING, Html, Mould, as_html, as_markup, join
from service.web.pages import draw_macro

LETTERS = "abcdefgh"
# Lists of figures that are kept, at 1.5 KB each: nearly half come again, most with few published.
MOST_FACTS = 512
_VALUE = "\ue002"
_HOLE = _VALUE.encode()
_NUMBERS = {
    "usd": "number.dollars",
    "usd_per_year": "number.dollars",
    "share": "number.percent",
}
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


@lru_cache(MOST_FACTS)
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
    label, unsaid = text(language, f"fact.{name}"), text(language, "results.facts.not_available")
    missing = _FIGURE.draw(language, Figure(label, as_html(unsaid), missing=True, mark=mark))
    key = _NUMBERS.get(unit, "number.plain")
    value_of = as_html(text(language, key, value=_VALUE))
    before, after = _FIGURE.draw(language, Figure(label, value_of, missing=False, mark=mark)).split(
        _HOLE
    )
    times = 100 if unit == "share" else 1

    def draw(value: float | None) -> Html:
        if value is None:
            return missing
        return Html(b"%b%b%b" % (before, write(language, round(value * times)).encode(), after))

    return draw


_FIGURE = Mould(lambda view: draw_macro("parts/facts.html", "figure_line", view), Figure)
_SOURCES = Mould(lambda view: draw_macro("parts/facts.html", "sources_named", view), Sources)
