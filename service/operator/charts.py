"""Charts as coordinates: what a template needs to draw them as SVG, without script or style.

Everything is computed in units of a picture ``WIDTH`` wide, which a phone shows nearly as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH = 280.0
_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 42.0, 8.0, 8.0, 24.0, 170.0
_ROW = 34.0
# What a row's width holds beside its figure; the table below has the whole name.
_LONGEST_NAME = 36
_TICKS = 4

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis and what stands there."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points, number ``number`` of the chart's; ``dots`` where the points are."""

    name: str
    number: int
    path: str
    dots: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Curves over two axes; ``limit`` is the height of a line that must not be crossed.

    ``diagonal`` is the path of what would be perfect, empty where there is no such thing.
    """

    curves: tuple[Curve, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    limit: float | None
    diagonal: str
    left: float = _LEFT
    right: float = WIDTH - _RIGHT
    top: float = _TOP
    bottom: float = _HEIGHT - _BOTTOM
    height: float = _HEIGHT
    kind: str = "lines"


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with a name: ``low`` and ``high`` its interval, ``number`` whose it is."""

    name: str
    value: float
    shown: str
    low: float | None = None
    high: float | None = None
    number: int = 0

    @property
    def label(self) -> str:
        """The name, cut to what there is room for."""
        long = len(self.name) > _LONGEST_NAME
        return f"{self.name[: _LONGEST_NAME - 1]}…" if long else self.name


@dataclass(frozen=True, slots=True)
class Bar:
    """A row as drawn: from ``start``, ``length`` long, with the ends of its interval."""

    row: Row
    top: float
    start: float
    length: float
    whisker: Point | None


@dataclass(frozen=True, slots=True)
class BarChart:
    """Rows below each other, all on one axis; ``zero`` and ``limit`` are places on it."""

    bars: tuple[Bar, ...]
    zero: float
    limit: float | None
    height: float
    kind: str = "bars"


def line_chart(
    curves: Mapping[str, Sequence[Point]],
    *,
    limit: float | None = None,
    diagonal: bool = False,
    across: Sequence[tuple[float, str]] | None = None,
) -> LineChart:
    """Lay out curves over axes that begin at 0, or at the first x.

    Args:
        curves: points by name, each rising in x.
        limit: a height to draw a line at.
        diagonal: whether to draw where both axes are equal.
        across: what stands on the lower axis; round figures where nothing is given.
    """
    xs = [x for points in curves.values() for x, _ in points] or [0.0, 1.0]
    ys = [y for points in curves.values() for _, y in points] + ([limit] if limit else [])
    most = _round_up(max(ys, default=0.0))
    first, last = (0.0, max(*xs, 1e-12)) if diagonal else (min(xs), max(xs))
    wide, high = WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM

    def place(x: float, y: float) -> Point:
        along = (x - first) / (last - first) if last > first else 0.5
        return round(_LEFT + along * wide, 1), round(_TOP + (1 - y / most) * high, 1)

    steps = [most * step / _TICKS for step in range(_TICKS + 1)]
    marks = across or [(x, _short(x)) for x in (first, (first + last) / 2, last)]
    end = min(last, most)
    return LineChart(
        curves=tuple(
            Curve(
                name, number, _path([place(*p) for p in points]), tuple(place(*p) for p in points)
            )
            for number, (name, points) in enumerate(curves.items())
        ),
        across=tuple(Tick(place(x, 0)[0], label) for x, label in marks),
        up=tuple(Tick(place(first, y)[1], _short(y)) for y in steps),
        limit=place(first, limit)[1] if limit else None,
        diagonal=_path([place(0, 0), place(end, end)]) if diagonal else "",
    )


def bar_chart(rows: Sequence[Row], *, limit: float | None = None) -> BarChart:
    """Lay out rows on one axis that holds 0, every interval and the limit."""
    ends = [0.0, *([limit] if limit else [])]
    for row in rows:
        ends += [end for end in (row.value, row.low, row.high) if end is not None]
    low, high = min(ends), max(ends)
    scale = (WIDTH - 4) / (high - low or 1.0)

    def place(value: float) -> float:
        return round(2 + (value - low) * scale, 1)

    zero = place(0.0)
    bars = []
    for number, row in enumerate(rows):
        at = place(row.value)
        known = row.low is not None and row.high is not None
        whisker = (place(row.low or 0.0), place(row.high or 0.0)) if known else None
        length = round(abs(at - zero), 1)
        bars.append(Bar(row, number * _ROW, min(at, zero), length, whisker))
    place_of_limit = place(limit) if limit else None
    return BarChart(tuple(bars), zero, place_of_limit, max(len(rows), 1) * _ROW)


def _path(points: Sequence[Point]) -> str:
    return " ".join(f"{'L' if number else 'M'}{x} {y}" for number, (x, y) in enumerate(points))


def _round_up(value: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten: what an axis can be cut in four of."""
    if value <= 0:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(
        step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0) if value <= step * power * 1.0001
    )


def _short(value: float) -> str:
    """Write a figure of an axis with as few digits as tell it."""
    if value == 0 or value >= 10 or value == ceil(value):
        return f"{value:,.0f}"
    return f"{value:.4f}".rstrip("0").rstrip(".")
