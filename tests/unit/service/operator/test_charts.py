"""Charts are laid out where their figures say."""

import pytest

from service.operator.charts import WIDTH, Row, bar_chart, line_chart


def test_curves_lie_between_their_axes_and_rise_with_their_figures() -> None:
    chart = line_chart({"one": [(1.0, 0.2), (2.0, 0.4)], "other": [(1.0, 0.0)]}, limit=0.45)
    one, other = chart.curves
    assert [tick.label for tick in chart.up] == ["0", "0.125", "0.25", "0.375", "0.5"]
    assert one.dots[0][0] == chart.left
    assert one.dots[1][0] == chart.right
    assert one.dots[0][1] > one.dots[1][1]
    assert other.dots[0][1] == chart.bottom
    assert chart.limit is not None
    assert chart.top < chart.limit < one.dots[1][1]
    assert one.path == f"M{one.dots[0][0]} {one.dots[0][1]} L{one.dots[1][0]} {one.dots[1][1]}"


def test_a_diagonal_is_where_both_axes_are_equal() -> None:
    chart = line_chart({"one": [(0.1, 0.1), (0.4, 0.3)]}, diagonal=True)
    # Across to 0.4, up to 0.5: at its end the diagonal stands four fifths up.
    x, y = (float(part) for part in chart.diagonal.split(" L")[1].split())
    assert x == pytest.approx(chart.right)
    assert chart.bottom - y == pytest.approx(0.8 * (chart.bottom - chart.top), abs=0.1)


def test_nothing_at_all_can_be_drawn() -> None:
    assert line_chart({}).curves == ()
    assert bar_chart([]).bars == ()
    assert bar_chart([Row("none", 0.0, "0")]).bars[0].length == 0


def test_bars_begin_at_zero_and_intervals_are_whole() -> None:
    rows = [Row("less", -0.1, "-0.1", -0.2, 0.05), Row("more", 0.3, "+0.3")]
    chart = bar_chart(rows, limit=0.4)
    less, more = chart.bars
    assert less.start + less.length == pytest.approx(chart.zero, abs=0.11)
    assert more.start == chart.zero
    assert more.length == pytest.approx(3 * less.length, abs=0.3)
    assert less.whisker is not None
    assert less.whisker[0] == 2.0
    assert less.whisker[1] > chart.zero
    assert more.whisker is None
    assert chart.limit == WIDTH - 2
    assert more.top > less.top
