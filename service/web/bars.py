"""Amounts of money as a plain chart of bars: coordinates for SVG, without script or style."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from service.web.pages import t

WIDTH = 300.0
# Room at the right of the longest bar for its figure.
_FIGURE = 74.0
# What a line of the chart holds; the table beside it has the whole label.
_LONGEST_LABEL = 40
_HEIGHT, _GAP, _LABEL, _BETWEEN = 14.0, 4.0, 18.0, 12.0

Kind = Literal["earnings", "usual", "debt"]


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount in USD; None: not published, and no bar is drawn."""

    kind: Kind
    value: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar as drawn: ``y`` its top, ``length`` from the left edge."""

    kind: Kind
    words: str
    y: float
    length: float


@dataclass(frozen=True, slots=True)
class Group:
    """Bars under one label, which stands on the line ``y``."""

    label: str
    y: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Groups of bars, all on one scale that begins at 0."""

    groups: tuple[Group, ...]
    height: float
    width: float = WIDTH
    thick: float = _HEIGHT


def amount(kind: Kind, value: float | None) -> Amount:
    """An amount in words; a missing one says so."""
    if value is None:
        return Amount(kind, None, t("results.facts.not_available"))
    return Amount(kind, value, t("number.dollars", value=round(value)))


def draw_bars(groups: Sequence[tuple[str, Sequence[Amount]]]) -> Chart | None:
    """Lay amounts out as bars; None where nothing is published.

    Args:
        groups: a label and its amounts, in the order to be drawn.
    """
    known = [(label, [one for one in each if one.value is not None]) for label, each in groups]
    most = max((one.value or 0.0 for _, each in known for one in each), default=0.0)
    if not most:
        return None
    drawn, y = [], 0.0
    for label, each in known:
        if not each:
            continue
        top = y + _LABEL
        bars = [_bar(one, top + place * (_HEIGHT + _GAP), most) for place, one in enumerate(each)]
        drawn.append(Group(_cut(label), y + _LABEL - 5, tuple(bars)))
        y = top + len(each) * (_HEIGHT + _GAP) + _BETWEEN
    return Chart(tuple(drawn), y - _BETWEEN)


def _cut(label: str) -> str:
    long = len(label) > _LONGEST_LABEL
    return f"{label[: _LONGEST_LABEL - 1].rstrip()}\u2026" if long else label


def _bar(one: Amount, y: float, most: float) -> Bar:
    length = max(1.0, (WIDTH - _FIGURE) * max(one.value or 0.0, 0.0) / most)
    return Bar(one.kind, one.words, y, round(length, 1))
