"""The gate: what a ranker must show before it may serve. docs/learning.md explains each row.

Rows ask for evidence, not for luck: where an interval is wide because few searches judge, a row
that wants proof fails and one that looks for harm passes, each by its limit.
"""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from matcher.learn.examine import Findings
from models.domain.gate import Condition

LEAST_SEARCHES = 100
LEAST_TOLD_APART = 0.5
# Clicks are chance: nobody finds nearly all of them before they come, unless told.
MOST_FOUND = 0.85
# NDCG@10 that the lower end of an interval may be below what the ranker is compared with.
MARGIN = 0.02
# ECE beyond what chance alone does, as a share of the base rate.
ECE_SHARE = 0.1
MOST_DRIFT = 0.25
# Advertisers' listings must earn at least this much of what others earn at the same score.
LEAST_EARNED = 0.9
_ASKED_BY_STUDENTS = ("education_level", "format")
_TRIVIAL = ("popularity", "nearest", "single_feature")


def gate(found: Findings, *, catalog: str | None, catalogs: Sequence[str]) -> tuple[Condition, ...]:
    """Hold findings against the conditions.

    Args:
        found: what was found about the ranker.
        catalog: the catalog that is published, None when none is.
        catalogs: those that served the log it learned from.
    """
    return (
        _evidence(found),
        _tells_apart(found),
        _over_random(found),
        _over_baselines(found),
        _no_worse(found),
        _not_told(found),
        _segments(found),
        _calibration(found),
        _advertisers(found),
        _steady(found),
        _off_policy(found),
        _catalog(catalog, catalogs),
    )


def _evidence(found: Findings) -> Condition:
    searches = found.judged.searches
    return Condition(
        "evidence",
        searches >= LEAST_SEARCHES,
        f"{searches:,} judging searches with a gain",
        f"at least {LEAST_SEARCHES}",
    )


def _tells_apart(found: Findings) -> Condition:
    return Condition(
        "tells_apart",
        found.told_apart >= LEAST_TOLD_APART,
        f"{found.told_apart:.1%} of pairs of different listings have different scores",
        f"at least {LEAST_TOLD_APART:.0%}",
    )


def _over_random(found: Findings) -> Condition:
    apart = found.over["random"]
    return Condition(
        "over_random",
        apart.low > 0,
        f"NDCG@10 {apart.value:+.4f} ({apart.low:+.4f} to {apart.high:+.4f}) over chance",
        "the lower end above 0",
    )


def _over_baselines(found: Findings) -> Condition:
    worst = min(_TRIVIAL, key=lambda name: found.over[name].value)
    apart = found.over[worst]
    return Condition(
        "over_baselines",
        apart.high > 0 and apart.value >= -MARGIN,
        f"NDCG@10 {apart.value:+.4f} ({apart.low:+.4f} to {apart.high:+.4f}) over {worst}",
        f"at least {-MARGIN}, the upper end above 0",
    )


def _no_worse(found: Findings) -> Condition:
    apart = found.over[found.compared]
    return Condition(
        "no_worse",
        apart.low >= -MARGIN,
        f"NDCG@10 {apart.value:+.4f} ({apart.low:+.4f} to {apart.high:+.4f}) over {found.compared}",
        f"the lower end at least {-MARGIN}",
    )


def _not_told(found: Findings) -> Condition:
    """Nobody knows the clicks: what does was told them, by a feature or by the split."""
    feature, alone = max(found.single_features.items(), key=lambda pair: pair[1])
    new = found.judged.ndcg("new")
    name, most = (feature, alone) if alone >= new else ("the ranker", new)
    return Condition(
        "not_told_the_answer",
        most <= MOST_FOUND,
        f"{name} finds {most:.1%} of what could be found",
        f"at most {MOST_FOUND:.0%}",
    )


def _segments(found: Findings) -> Condition:
    judged = [(each, each.apart) for each in found.segments if each.apart is not None]
    # As many segments, as many chances to look bad by chance.
    width = _width(len(judged))
    worst = min(judged, key=lambda pair: pair[1].value + width * pair[1].error, default=None)
    if worst is None:
        return Condition("segments", passed=True, figure="all too small", limit="none worse")
    segment, apart = worst
    top = apart.value + width * apart.error
    return Condition(
        "segments",
        top >= 0,
        f"{segment.kind} {segment.name}: NDCG@10 {apart.value:+.4f}, at most {top:+.4f} "
        f"over {found.compared}; {len(judged)} segments judged",
        "none surely worse",
    )


def _calibration(found: Findings) -> Condition:
    r = found.reliability
    if r is None:
        return Condition(
            "calibration", passed=False, figure="no listing could be asked", limit="some could"
        )
    listings = int(r.count.sum())
    # The map was made from few listings too, and is as uncertain as these let it be.
    chance = r.by_chance * float(np.sqrt(1 + listings / max(found.calibrated_on, 1)))
    most = ECE_SHARE * r.base + chance
    return Condition(
        "calibration",
        r.ece <= most,
        f"ECE {r.ece:.5f} at a base rate of {r.base:.5f}",
        f"at most {most:.5f}: {ECE_SHARE:.0%} of the base rate, and what chance does",
    )


def _advertisers(found: Findings) -> Condition:
    judged = [each for each in found.favours if each.ratio is not None]
    if not judged:
        return Condition(
            "advertisers",
            passed=True,
            figure="no advertiser was seen enough to tell",
            limit="none favoured",
        )
    # All of them together are one question; each by itself is one of many.
    tops = [
        ((each.ratio or 0.0) + _width(1 if row == 0 else len(judged)) * (each.error or 0.0), each)
        for row, each in enumerate(judged)
    ]
    top, worst = min(tops, key=lambda pair: pair[0])
    return Condition(
        "advertisers",
        top >= LEAST_EARNED,
        f"{worst.name} earn {worst.ratio:.2f} of what others earn at the same score, "
        f"at most {top:.2f}",
        f"{LEAST_EARNED} within what chance does",
    )


def _steady(found: Findings) -> Condition:
    """What students ask for changes with the season; what a program is does not in a log."""
    ours = {name: psi for name, psi in found.drift.items() if name not in _ASKED_BY_STUDENTS}
    name, most = max(ours.items(), key=lambda pair: pair[1])
    return Condition(
        "steady_features",
        most <= MOST_DRIFT,
        f"{name} moved by a PSI of {most:.3f} between fitting and judging",
        f"at most {MOST_DRIFT}",
    )


def _off_policy(found: Findings) -> Condition:
    limit = "the new order's upper end at least what was served"
    orders = {"the whole order": found.off_policy, "neighbours alone": found.neighbours}
    for name, each in orders.items():
        if each is not None and each.refused is None:
            new = each.estimates["doubly_robust"]
            return Condition(
                "off_policy",
                new.high >= found.served_value,
                f"{name}: {new.value:.4f} ({new.low:.4f} to {new.high:.4f}) a search, "
                f"{found.served_value:.4f} was served",
                limit,
            )
    figure = f"not estimated: {found.off_policy.refused}"
    return Condition("off_policy", passed=True, figure=figure, limit=limit)


def _catalog(catalog: str | None, catalogs: Sequence[str]) -> Condition:
    return Condition(
        "catalog",
        catalog is not None and catalog in catalogs,
        f"learned from {', '.join(catalogs) or 'none'}",
        f"{catalog}, which is published, among them",
    )


def _width(tests: int) -> float:
    """How many standard errors a bound goes out, so that all together err 1 time in 20."""
    return NormalDist().inv_cdf(1 - 0.05 / max(tests, 1))
