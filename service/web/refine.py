"""The panel that narrows and sorts: each option tells how many programs it alone would leave."""

from collections.abc import Callable, Collection, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from models.domain.levels import Format
from models.domain.matching import FacetOption, Sort
from service.messages import text
from service.messages.formats import write
from service.messages.lengths import unit_in
from service.messages.names import region_name
from service.steps.outputs import Matches
from service.web import distances
from service.web.moulds import NOTHING, Html, Mould, join
from service.web.pages import draw_macro
from service.web.query import FILTERS, Query

FIRST_OPTIONS = 6
MOST_COUNTS = 1024
# Ways to choose: two hundred a language, and more where a distance is none of ours.
MOST_CHOICES = 1024
_LEFT = Html("\ue002".encode())
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
    left: Html
    chosen: bool


class Group(NamedTuple):
    """A filter: its first options, and the rest behind "See more".

    ``rest_chosen``: a box is ticked among the rest, which must then be open.
    """

    label: str
    first: Html
    rest: Html
    rest_chosen: bool


class Choices(NamedTuple):
    """What to sort by, the format and the distance: all there are, and which is chosen."""

    sorts: tuple[tuple[str, str], ...]
    sort: Sort
    formats: tuple[tuple[str, str], ...]
    format: Format
    distances: tuple[tuple[int, str], ...]
    distance: int


class Refine(NamedTuple):
    """The form that narrows and sorts."""

    kept: tuple[Kept, ...]
    choices: Html
    groups: Html


def draw_refine(
    language: str, matches: Matches, query: Query, field_name: Callable[[str], str]
) -> Html:
    """Draw the panel.

    Args:
        language: the visitor's.
        matches: the page.
        query: the parameters it was asked for with.
        field_name: what a family is called.
    """
    answers = matches.slate.answers
    miles = answers.max_distance_miles or 0
    unit = unit_in(matches.slate.jurisdiction)
    within = distances.choices(language, unit, miles) if matches.on_map else ()
    chosen = miles if within else 0
    groups = [
        _draw_group(
            language, name, matches.page.facets.get(attribute, ()), query.all(name), field_name
        )
        for name, attribute in FILTERS.items()
    ]
    panel = Refine(
        kept=tuple([Kept(name, value) for name, value in query.anew if name not in _MINE]),
        choices=_choices(language, answers.sort, answers.format, chosen, within),
        groups=join(groups, b"\n"),
    )
    return _PANEL.draw(language, panel)


@lru_cache(MOST_CHOICES)
def _choices(
    language: str,
    sort: Sort,
    format_: Format,
    distance: int,
    within: tuple[tuple[int, str], ...],
) -> Html:
    """Draw what there is to choose from."""
    sorts = (one for one in Sort if within or one is not Sort.DISTANCE)
    choices = Choices(
        tuple((one.value, text(language, f"results.sort.{one}")) for one in sorts),
        sort,
        tuple((one.value, text(language, f"format.{one}")) for one in Format),
        format_,
        within,
        distance,
    )
    return Html(_macro("choices")(choices).encode())


def label_of(language: str, name: str, value: str, field_name: Callable[[str], str]) -> str:
    """What an option of a filter is called."""
    if name == "state":
        return region_name(language, value)
    if name == "cip":
        return field_name(value)
    return text(language, f"{name}.{value}")


def _draw_group(
    language: str,
    name: str,
    options: Sequence[FacetOption],
    chosen: Collection[str],
    field_name: Callable[[str], str],
) -> Html:
    if len(options) < 2 and not chosen:
        return NOTHING
    open_boxes = _boxes(language, name, field_name, ticked=False)
    ticked_boxes = _boxes(language, name, field_name, ticked=True)
    pieces: list[Html] = []
    for option in options:
        value = option.value
        before, after = ticked_boxes[value] if value in chosen else open_boxes[value]
        pieces += (before, _count(language, option.count), after)
    first, rest = pieces[: 3 * FIRST_OPTIONS], pieces[3 * FIRST_OPTIONS :]
    ticked = bool(chosen) and any(one.value in chosen for one in options[FIRST_OPTIONS:])
    label = text(language, f"filter.{FILTERS[name]}")
    return _GROUP.draw(language, Group(label, join(first), join(rest), ticked))


@lru_cache(MOST_COUNTS)
def _count(language: str, number: int) -> Html:
    return Html(write(language, number).encode())


class _Boxes(dict[str, tuple[Html, Html]]):
    """Boxes but for their numbers, by value: what stands before a number, and after.

    Values are the catalog's: 421 fields, 70 states.
    """

    def __init__(self, draw: Callable[[str], Html]) -> None:
        super().__init__()
        self._draw = draw

    def __missing__(self, value: str) -> tuple[Html, Html]:
        before, _, after = self._draw(value).partition(_LEFT)
        made = self[value] = Html(before), Html(after)
        return made


@cache
def _boxes(language: str, name: str, field_name: Callable[[str], str], *, ticked: bool) -> _Boxes:
    def draw(value: str) -> Html:
        label = label_of(language, name, value, field_name)
        return _BOX.draw(language, Option(name, value, label, _LEFT, ticked))

    return _Boxes(draw)


def _macro(name: str) -> Callable[[object], str]:
    return lambda view: draw_macro("parts/refine.html", name, view)


_BOX = Mould(_macro("choice_box"), Option)
_GROUP = Mould(_macro("facet"), Group)
_PANEL = Mould(_macro("refine"), Refine)
