"""Who is seen: shares of exposure by control and by advertiser, and whether scores favour anyone.

Exposure is the discount of a place (as in NDCG@10), added up. A school is an advertiser when any
of its listings stood in a sponsored place in the log; nothing else is known of it here, and no
ranker learns from it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.features.declared import FEATURES, PLACES
from matcher.learn.dataset import Examples
from matcher.learn.evaluate import discounts
from matcher.learn.resample import by_search, interval, resampled_totals

DEPTH = 10
SCORE_BINS = 20
# The advertisers looked at one by one: those whose listings were seen most.
MOST_ADVERTISERS = 20
LEAST_GAINS = 30

Numbers = NDArray[np.float64]
Rows = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Favour:
    """What a group's listings earned beside what others' did at the same score.

    ``ratio`` below 1: they stand higher than they earn. ``low`` and ``high`` its 95 % interval,
    ``error`` its standard error; None where too little was earned to tell.
    """

    name: str
    gains: int
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    error: float | None = None

    def document(self) -> dict[str, object]:
        """Write it as plain values."""
        told: dict[str, object] = {"name": self.name, "gains": self.gains}
        if self.ratio is None:
            return {**told, "too_small": True}
        return {**told, "earned_at_equal_score": self.ratio, "interval": [self.low, self.high]}


def exposure_shares(
    examples: Examples, gains: Numbers, orders: dict[str, Numbers]
) -> dict[str, dict[str, dict[str, float]]]:
    """Share each order's exposure, and what was earned, among controls and advertisers.

    Returns:
        By ``control`` and ``advertiser``, then by group, then by order and ``earned``.
    """
    labels = FEATURES[PLACES["control"]].labels
    control = examples.codes[:, PLACES["control"]]
    groups = {
        "control": {label: control == code for code, label in enumerate(labels)},
        "advertiser": {"advertisers": examples.advertised, "others": ~examples.advertised},
    }
    seen = {name: discounts(examples.query, scores, DEPTH) for name, scores in orders.items()}
    seen["earned"] = gains
    return {
        kind: {
            group: {name: _share(values, rows) for name, values in seen.items()}
            for group, rows in by_name.items()
        }
        for kind, by_name in groups.items()
    }


@dataclass(frozen=True, slots=True)
class Scored:
    """Listings that judge, n of them.

    ``gains`` as they came, ``attention`` of each one's place and ``scores`` of the ranker, shape
    (n,) each.
    """

    examples: Examples
    gains: Numbers
    attention: Numbers
    scores: Numbers


def favours(scored: Scored, seed: int) -> list[Favour]:
    """Compare advertisers with others at equal scores: together, then one by one.

    Args:
        scored: the listings that judge.
        seed: of the resampling of searches.
    """
    examples = scored.examples
    paid = examples.advertised
    known, count = np.unique(examples.unitid[paid], return_counts=True)
    most_seen = known[np.argsort(-count, kind="stable")][:MOST_ADVERTISERS].tolist()
    return [
        _favour("advertisers", scored, paid, seed),
        *(_favour(str(one), scored, examples.unitid == one, seed) for one in most_seen),
    ]


def _favour(name: str, scored: Scored, own: Rows, seed: int) -> Favour:
    gains, others = scored.gains, ~scored.examples.advertised
    count = int((gains[own] > 0).sum())
    if count < LEAST_GAINS or not gains[others].any():
        return Favour(name, count)
    group = _score_bins(scored.scores)
    # Per bin: what others earned, and had of attention, and what this group had of it.
    rows = np.zeros((1 + 3 * SCORE_BINS, len(gains)))
    rows[0] = gains * own
    at = np.arange(len(gains))
    rows[1 + group, at] = gains * others
    rows[1 + SCORE_BINS + group, at] = scored.attention * others
    rows[1 + 2 * SCORE_BINS + group, at] = scored.attention * own
    totals = by_search(scored.examples.query, rows)
    ratios = _ratio(resampled_totals(totals, seed))
    low, high = interval(ratios)
    ratio = float(_ratio(totals.sum(axis=1)[None])[0])
    return Favour(name, count, round(ratio, 4), low, high, float(ratios.std()))


def _ratio(totals: Numbers) -> Numbers:
    """What the group earned over what others' rates give its attention, shape (samples,)."""
    earned, had, own = np.split(totals[:, 1:], 3, axis=1)
    overall = earned.sum(axis=1, keepdims=True) / had.sum(axis=1, keepdims=True)
    # One listing's worth of the mean keeps a bin without others from deciding.
    rate = (earned + overall) / (had + 1.0)
    expected = np.maximum((rate * own).sum(axis=1), np.finfo(np.float64).tiny)
    ratio: Numbers = totals[:, 0] / expected
    return ratio


def _score_bins(scores: Numbers) -> NDArray[np.int64]:
    """Number listings by score, in groups of about equal count; equal scores stay together."""
    edges = np.quantile(scores, np.linspace(0, 1, SCORE_BINS + 1)[1:-1])
    return np.searchsorted(np.unique(edges), scores, side="right")


def _share(values: Numbers, rows: Rows) -> float:
    return round(float(values[rows].sum() / max(values.sum(), np.finfo(np.float64).tiny)), 4)
