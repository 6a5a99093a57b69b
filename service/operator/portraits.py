"""Rankers side by side: figures of their cards, each with its chart, summary and table.

Each ranker was judged on searches of its own time: figures of two cards are shown beside each
other, and differences that were tested are those of the gate.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.operator.charts import BarChart, LineChart, Row, bar_chart, line_chart
from service.web.pages import t

_MEASURES = ("ndcg_5", "ndcg_10", "mrr")
_MOST_DRIFT = 0.25
Cards = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart, or only a table where there is nothing to draw."""

    key: str
    summary: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    chart: LineChart | BarChart | None = None
    legend: tuple[str, ...] = ()


def figures(cards: Cards) -> list[Figure]:
    """Draw rankers by what their cards say, those alone that were judged on a log.

    Args:
        cards: by the name that stands for each.
    """
    judged = {name: card for name, card in cards.items() if card.get("metrics")}
    if not judged:
        return []
    made = (_metrics, _depth, _calibration, _segments, _contributions, _exposure, _drift)
    return [found for draw in made if (found := draw(judged)).rows]


def _metrics(cards: Cards) -> Figure:
    rows, bars = [], []
    for number, (name, card) in enumerate(cards.items()):
        for order, row in card["metrics"]["orders"].items():
            shown = [_with_interval(row, measure) for measure in _MEASURES]
            rows.append((name, _order(order), *shown))
            low, high = row["ndcg_10_interval"]
            value = row["ndcg_10"]
            label = _of(_order(order), name, cards)
            bars.append(Row(label, value, f"{value:.3f}", low, high, number))
    first, card = next(iter(cards.items()))
    new = card["metrics"]["orders"]["new"]
    summary = t(
        "console.metrics.summary",
        version=first,
        value=f"{new['ndcg_10']:.3f}",
        low=f"{new['ndcg_10_interval'][0]:.3f}",
        high=f"{new['ndcg_10_interval'][1]:.3f}",
        searches=card["metrics"]["searches_with_a_gain"],
    )
    head = _head("ranker", "order", *_MEASURES)
    return Figure("metrics", summary, head, tuple(rows), bar_chart(bars), tuple(cards))


def _depth(cards: Cards) -> Figure:
    curves: dict[str, list[tuple[float, float]]] = {}
    for name, card in cards.items():
        for order, values in (card["metrics"].get("ndcg_by_depth") or {}).items():
            if order == "new" or len(cards) == 1:
                points = [(float(at), value) for at, value in enumerate(values, 1)]
                curves[_of(_order(order), name, cards)] = points
    deepest = max((len(points) for points in curves.values()), default=0)
    rows = tuple(
        (str(at + 1), *(f"{points[at][1]:.3f}" for points in curves.values()))
        for at in range(deepest)
    )
    marks = [(float(at), str(at)) for at in (1, 5, 10, 15, 20) if at <= deepest]
    summary = ""
    if curves:
        name, points = next(iter(curves.items()))
        summary = t(
            "console.depth.summary",
            name=name,
            one=f"{points[0][1]:.3f}",
            last=f"{points[-1][1]:.3f}",
        )
    chart = line_chart(curves, across=marks)
    return Figure("depth", summary, (*_head("depth"), *curves), rows, chart, tuple(curves))


def _calibration(cards: Cards) -> Figure:
    known = {
        name: card["metrics"]["reliability"]
        for name, card in cards.items()
        if card["metrics"]["reliability"].get("bins")
    }
    curves = {
        name: [(row["chance"], row["happened"]) for row in found["bins"]]
        for name, found in known.items()
    }
    rows = tuple(
        (name, f"{row['chance']:.4f}", f"{row['happened']:.4f}", f"{row['listings']:,}")
        for name, found in known.items()
        for row in found["bins"]
    )
    summary = " ".join(
        t(
            "console.calibration.summary",
            version=name,
            ece=f"{found['ece']:.4f}",
            base=f"{found['base_rate']:.4f}",
        )
        for name, found in known.items()
    )
    chart = line_chart(curves, diagonal=True)
    head = _head("ranker", "chance", "happened", "listings")
    return Figure("calibration", summary, head, rows, chart, tuple(curves))


def _segments(cards: Cards) -> Figure:
    rows, bars = [], []
    for number, (name, card) in enumerate(cards.items()):
        for row in card["metrics"]["segments"]:
            label = f"{_words(row['kind'])}: {_words(row['name'])}"
            searches = f"{row['searches']:,}"
            if row.get("too_small"):
                rows.append((name, label, searches, t("console.too_small"), ""))
                continue
            low, high = row["apart_interval"]
            between = f"{row['apart']:+.3f} ({low:+.3f} {t('console.to')} {high:+.3f})"
            rows.append((name, label, searches, f"{row['ndcg_10']:.3f}", between))
            shown = f"{row['apart']:+.3f}"
            bars.append(Row(_of(label, name, cards), row["apart"], shown, low, high, number))
    summary = t("console.segments.summary", n=len(bars))
    head = _head("ranker", "segment", "searches", "ndcg_10", "apart")
    return Figure("segments", summary, head, tuple(rows), bar_chart(bars), tuple(cards))


def _contributions(cards: Cards) -> Figure:
    return _by_name(
        "contributions",
        {name: card["metrics"].get("contributions") or {} for name, card in cards.items()},
        lambda feature, value: t(
            "console.contributions.summary", feature=_words(feature), value=f"{value:.2f}"
        ),
    )


def _drift(cards: Cards) -> Figure:
    return _by_name(
        "drift",
        {name: card["metrics"]["drift"]["from_fitting_to_judging"] for name, card in cards.items()},
        lambda feature, value: t(
            "console.drift.summary", feature=_words(feature), value=f"{value:.3f}"
        ),
        limit=_MOST_DRIFT,
    )


def _by_name(
    key: str,
    values: Mapping[str, Mapping[str, float]],
    say: Callable[[str, float], str],
    limit: float | None = None,
) -> Figure:
    """Figures by feature: the largest first, by the first ranker that has any."""
    order = sorted(
        {feature for found in values.values() for feature in found},
        key=lambda feature: -max(found.get(feature, 0.0) for found in values.values()),
    )
    bars = [
        Row(_of(_words(feature), name, values), found[feature], f"{found[feature]:.3f}", number=at)
        for feature in order
        for at, (name, found) in enumerate(values.items())
        if feature in found
    ]
    rows = tuple(
        (_words(feature), *(_or_none(found.get(feature)) for found in values.values()))
        for feature in order
    )
    most = max((found.get(order[0], 0.0) for found in values.values()), default=0.0) if order else 0
    summary = say(order[0], most) if order else ""
    head = (*_head("feature"), *values)
    return Figure(key, summary, head, rows, bar_chart(bars, limit=limit), tuple(values))


def _exposure(cards: Cards) -> Figure:
    rows, bars = [], []
    for number, (name, card) in enumerate(cards.items()):
        for group, shares in _groups(card["metrics"]["exposure"]):
            new, earned = shares["new"], shares["earned"]
            rows.append((name, _words(group), f"{new:.1%}", f"{earned:.1%}"))
            for kind, share in (("shown", new), ("earned", earned)):
                label = f"{_words(group)}, {t(f'console.exposure.of.{kind}')}"
                bars.append(Row(_of(label, name, cards), share, f"{share:.0%}", number=number))
    summary = t("console.exposure.summary")
    head = _head("ranker", "group", "shown_share", "earned_share")
    return Figure("exposure", summary, head, tuple(rows), bar_chart(bars), tuple(cards))


def _groups(exposure: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, float]]]:
    for groups in exposure.values():
        yield from groups.items()


def _head(*names: str) -> tuple[str, ...]:
    return tuple(t(f"console.head.{name}") for name in names)


def _of(label: str, name: str, all_of: Mapping[str, Any]) -> str:
    """Name whose a row is, where several rankers are shown."""
    return f"{label}, {name}" if len(all_of) > 1 else label


def _order(name: str) -> str:
    return t(f"console.order.{name}")


def _words(code: str) -> str:
    return code.replace("_", " ")


def _or_none(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _with_interval(row: Mapping[str, Any], measure: str) -> str:
    low, high = row[f"{measure}_interval"]
    return f"{row[measure]:.3f} ({low:.3f} {t('console.to')} {high:.3f})"


def shortened(versions: Sequence[str]) -> dict[str, str]:
    """Give versions names short enough for a chart, as long as they must be to differ."""
    size = 8
    while len({version[:size] for version in versions}) < len(set(versions)):
        size += 4
    return {version: version[:size] for version in versions}
