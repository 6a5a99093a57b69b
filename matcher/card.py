"""A ranker's card for people: the same facts as card.json, as Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from models.domain.gate import gate_rows

_MEASURES = (("ndcg_5", "NDCG@5"), ("ndcg_10", "NDCG@10"), ("mrr", "MRR"))
# What stands in tables of its own, or is for programs alone.
_ELSEWHERE = frozenset(
    {"version", "metrics", "gate", "chances", "attention", "codes_fitted", "set_aside",
     "counts", "feature_names", "parameters", "window"}
)  # fmt: skip


def card_markdown(card: Mapping[str, Any]) -> str:
    """Write a card as Markdown."""
    parts = [
        [f"# Ranker {card['version']}"],
        _table(("what", ""), _plain(card)),
        *_sections(card),
        _gate(card),
        *_metrics(card.get("metrics") or {}),
        _chances(card["chances"]),
        *_attention(card.get("attention") or {}),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _plain(card: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    for name, value in card.items():
        if name not in _ELSEWHERE:
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            if not isinstance(shown, Mapping):
                yield name, shown
    if "window" in card:
        yield "window", f"{card['window']['first']} to {card['window']['last']}"
    if "feature_names" in card:
        yield "features named", ", ".join(card["feature_names"])


def _sections(card: Mapping[str, Any]) -> Iterator[list[str]]:
    for name in ("counts", "set_aside", "parameters"):
        if card.get(name):
            yield _section(
                f"## {name.replace('_', ' ').capitalize()}", ("what", ""), card[name].items()
            )


def _gate(card: Mapping[str, Any]) -> list[str]:
    rows = gate_rows(card)
    if not rows:
        return ["## Gate", "", "It was never judged, and cannot serve."]
    table = _table(
        ("row", "holds", "figure", "asked"),
        [(row.name, "yes" if row.passed else "**no**", row.figure, row.limit) for row in rows],
    )
    return ["## Gate", "", *table]


def _metrics(metrics: Mapping[str, Any]) -> Iterator[list[str]]:
    if not metrics:
        return
    orders = [
        (name, *(_with_interval(row, measure) for measure, _ in _MEASURES))
        for name, row in metrics["orders"].items()
    ]
    yield _section(
        "## On searches it never saw", ("order", *(title for _, title in _MEASURES)), orders
    )
    segments = [
        (row["kind"], row["name"], row["searches"], "too small", "")
        if row.get("too_small")
        else (
            row["kind"],
            row["name"],
            row["searches"],
            row["ndcg_10"],
            f"{row['apart']:+.4f} ({_between(row['apart_interval'])})",
        )
        for row in metrics["segments"]
    ]
    beside = f"over {metrics['compared_with']}"
    yield _section("## By segment", ("segment", "", "searches", "NDCG@10", beside), segments)
    yield from _exposure(metrics)


def _exposure(metrics: Mapping[str, Any]) -> Iterator[list[str]]:
    rows = [
        (kind, group, ", ".join(f"{name} {share:.1%}" for name, share in shares.items()))
        for kind, groups in metrics["exposure"].items()
        for group, shares in groups.items()
    ]
    yield _section("## Exposure", ("by", "group", "shares"), rows)
    policy = metrics["off_policy"]
    yield _section("## Off-policy", ("what", ""), _off_policy(policy))
    moved = metrics["drift"]["from_fitting_to_judging"]
    yield _section(
        "## Drift (PSI)",
        ("feature", "from fitting to judging", "since the champion"),
        [
            (name, psi, metrics["drift"]["since_champion"].get(name, ""))
            for name, psi in moved.items()
        ],
    )


def _off_policy(policy: Mapping[str, Any], of: str = "") -> Iterator[tuple[str, object]]:
    """What another order would earn, or why nobody knows: the whole, then neighbours alone."""
    for name, told in policy.items():
        if name == "neighbours":
            yield from _off_policy(told or {}, "neighbours: ")
        elif isinstance(told, Mapping):
            yield f"{of}{name}", f"{told['value']:.4f} ({_between(told['interval'])})"
        else:
            yield f"{of}{name.replace('_', ' ')}", told


def _chances(chances: Mapping[str, Mapping[str, Any]]) -> list[str]:
    told = ("made_of", "listings", "happened", "rate")
    rows = [(name, *(each.get(what, "") for what in told)) for name, each in chances.items()]
    return _section("## Chances", ("chance of", "made of", *told[1:]), rows)


def _attention(attention: Mapping[str, Any]) -> Iterator[list[str]]:
    """How likely each place is looked at, as used, and as exploration's swaps alone tell it."""
    if "swaps" not in attention:
        return
    swaps, kinds = attention["swaps"], ("places_with_impressions", "places_without")
    told = [swaps.get(kind, []) for kind in kinds]
    rows = [
        (place, *cells)
        for place, cells in enumerate(
            zip_longest(*(attention[kind] for kind in kinds), *told, fillvalue=""), 1
        )
    ]
    head = ("place", "looked at", "where no impressions are told", "by swaps", "by swaps, there")
    about = f"Used: {attention['made_of']}."
    why = f" By swaps: {swaps['refused']}." if "refused" in swaps else ""
    yield ["## Attention", "", f"{about}{why}", "", *_table(head, rows)]


def _with_interval(row: Mapping[str, Any], measure: str) -> str:
    return f"{row[measure]:.4f} ({_between(row[f'{measure}_interval'])})"


def _between(interval: Sequence[float]) -> str:
    return f"{interval[0]:.4f} to {interval[1]:.4f}"


def _section(title: str, head: Sequence[str], rows: Any) -> list[str]:
    return [title, "", *_table(head, rows)]


def _table(head: Sequence[str], rows: Any) -> list[str]:
    lines = [_line(head), "|" + "---|" * len(head)]
    return lines + [_line(row) for row in rows]


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"
