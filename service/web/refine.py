"""The panel that narrows and sorts: each option tells how many programs it alone would leave."""

from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from markupsafe import Markup

from matcher.regions import REGIONS
from models.domain.levels import Format
from models.domain.matching import FacetOption, Sort
from service.messages import text
from service.steps.outputs import Matches
from service.web.moulds import Mould
from service.web.pages import draw_macro, locale, t
from service.web.query import FILTERS, Query

FIRST_OPTIONS = 6
DISTANCES = (10, 25, 50, 100, 250)
# Boxes whose words are kept: 421 fields and 70 states, ticked or not, with room for languages.
MOST_BOXES = 2048
_LEFT = "\ue002"
_MINE = frozenset({*FILTERS, "sort", "format", "max_distance_miles"})


class Kept(NamedTuple):
    """An answer that the form sends along."""

    name: str
    value: str


class Option(NamedTuple):
    """One box of a filter."""

    name: str
    value: str
    label: str
    left: str
    chosen: bool


class Group(NamedTuple):
    """A filter: its first options, and the rest behind "See more", as HTML.

    ``rest_chosen``: a box is ticked among the rest, which must then be open.
    """

    label: str
    first: Markup
    rest: Markup
    rest_chosen: bool


class Choices(NamedTuple):
    """What to sort by, the format and the distance: all there are, and which is chosen."""

    sorts: tuple[tuple[str, str], ...]
    sort: Sort
    formats: tuple[tuple[str, str], ...]
    format: Format
    distances: tuple[int, ...]
    distance: int


class Refine(NamedTuple):
    """The form that narrows and sorts; ``choices`` and ``groups`` as HTML."""

    kept: tuple[Kept, ...]
    choices: Markup
    groups: Markup


def draw_refine(matches: Matches, query: Query, field_name: Callable[[str], str]) -> Markup:
    """Draw the panel.

    Args:
        matches: the page.
        query: the parameters it was asked for with.
        field_name: what a family is called.
    """
    answers, language = matches.slate.answers, locale()
    near, miles = answers.postal_code is not None, answers.max_distance_miles or 0
    chosen = miles if miles in DISTANCES else 0
    groups = [
        _draw_group(name, matches.page.facets.get(FILTERS[name], ()), query, field_name)
        for name in FILTERS
    ]
    panel = Refine(
        kept=tuple([Kept(name, value) for name, value in query.anew if name not in _MINE]),
        choices=_choices(language, answers.sort, answers.format, chosen, near=near),
        groups=Markup("\n").join(groups),
    )
    return _PANEL.draw(language, panel)


@cache
def _choices(language: str, sort: Sort, format_: Format, distance: int, *, near: bool) -> Markup:
    """Draw what there is to choose from: a hundred and twenty ways at most."""
    sorts = (one for one in Sort if near or one is not Sort.DISTANCE)
    choices = Choices(
        tuple((one.value, text(language, f"results.sort.{one}")) for one in sorts),
        sort,
        tuple((one.value, text(language, f"format.{one}")) for one in Format),
        format_,
        DISTANCES if near else (),
        distance,
    )
    return Markup(_macro("choices")(choices))  # noqa: S704 - as the template drew it


def label_of(name: str, value: str, field_name: Callable[[str], str]) -> str:
    """What an option of a filter is called."""
    if name == "state":
        return REGIONS[value].name if value in REGIONS else value
    if name == "cip":
        return field_name(value)
    return t(f"{name}.{value}")


def _draw_group(
    name: str, options: Iterable[FacetOption], query: Query, field_name: Callable[[str], str]
) -> Markup:
    language, chosen = locale(), query.all(name)
    boxes, ticked = [], []
    for option in options:
        ticked.append(option.value in chosen)
        label = label_of(name, option.value, field_name)
        before, after = _box(language, name, option.value, label, chosen=ticked[-1])
        boxes.append(f"{before}{option.count:,}{after}")
    if len(boxes) < 2 and not chosen:
        return Markup()
    first, rest = (
        Markup("".join(some))  # noqa: S704 - boxes as the template drew them, and numbers
        for some in (boxes[:FIRST_OPTIONS], boxes[FIRST_OPTIONS:])
    )
    label = t(f"filter.{FILTERS[name]}")
    return _GROUP.draw(language, Group(label, first, rest, any(ticked[FIRST_OPTIONS:])))


@lru_cache(MOST_BOXES)
def _box(language: str, name: str, value: str, label: str, *, chosen: bool) -> tuple[str, str]:
    """Draw a box but for its number: what stands before it, and after."""
    drawn = str(_BOX.draw(language, Option(name, value, label, _LEFT, chosen)))
    before, _, after = drawn.partition(_LEFT)
    return before, after


def _macro(name: str) -> Callable[[object], str]:
    return lambda view: draw_macro("parts/refine.html", name, view)


_BOX = Mould(_macro("choice_box"), Option)
_GROUP = Mould(_macro("facet"), Group)
_PANEL = Mould(_macro("refine"), Refine)
