"""Who is seen: shares of exposure by control and by advertiser, and whether scores favour anyone.

Exposure is the discount of a place (as in NDCG@10), added up. A school is an advertiser when any
of its listings stood in a sponsored place in the log; nothing else is known of it here, and no
ranker learns from it.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.features.declared import FEATURES, PLACES
from matcher.learn.dataset import Examples
from matcher.learn.evaluate import discounts
from matcher.learn.resample import interval, times_drawn, totals_drawn

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
    examples, compared = scored.examples, _Compared.of(scored, seed)
    paid = examples.advertised
    known, count = np.unique(examples.unitid[paid], return_counts=True)
    most_seen = known[np.argsort(-count, kind="stable")][:MOST_ADVERTISERS].tolist()
    return [
        _favour("advertisers", scored, paid, compared),
        *(_favour(str(one), scored, examples.unitid == one, compared) for one in most_seen),
    ]


@dataclass(frozen=True, slots=True)
class _Compared:
    """What every group is compared by.

    ``search`` and ``score_bin`` int64 (n,) of each listing; ``times`` how often each search was
    drawn; ``earned`` and ``had`` (1 + ``SAMPLES``, ``SCORE_BINS``) what listings of no advertiser
    earned, and had of attention: as they came, then as drawn.
    """

    search: NDArray[np.int64]
    score_bin: NDArray[np.int64]
    times: NDArray[np.uint8]
    earned: Numbers
    had: Numbers

    @classmethod
    def of(cls, scored: Scored, seed: int) -> "_Compared":
        """Add up what the others earned, once for all groups."""
        _, search = np.unique(scored.examples.query, return_inverse=True)
        times = times_drawn(int(search.max(initial=-1)) + 1, seed)
        nothing = np.empty((0, SCORE_BINS))
        empty = cls(search, _score_bins(scored.scores), times, nothing, nothing)
        others = ~scored.examples.advertised
        earned, had = (empty.totals(each, others) for each in (scored.gains, scored.attention))
        return replace(empty, earned=earned, had=had)

    def totals(self, values: Numbers, rows: Rows) -> Numbers:
        """Add up values of some listings by bin: as they came, and as drawn."""
        searches = len(self.times)
        at = self.score_bin[rows] * searches + self.search[rows]
        added = np.bincount(at, values[rows], SCORE_BINS * searches).astype(np.float64)
        by_search = added.reshape(SCORE_BINS, searches)
        # Of an advertiser few searches know anything.
        known = by_search.any(axis=0)
        some = by_search[:, known]
        return np.vstack([some.sum(axis=1), totals_drawn(some, self.times[known])])


def _favour(name: str, scored: Scored, own: Rows, compared: _Compared) -> Favour:
    count = int((scored.gains[own] > 0).sum())
    if count < LEAST_GAINS or not compared.earned[0].any():
        return Favour(name, count)
    earned = compared.totals(scored.gains, own).sum(axis=1)
    ratio, *drawn = _ratio(earned, compared.totals(scored.attention, own), compared)
    low, high = interval(np.array(drawn))
    return Favour(name, count, round(float(ratio), 4), low, high, float(np.std(drawn)))


def _ratio(gained: Numbers, own: Numbers, compared: _Compared) -> Numbers:
    """What the group earned over what others' rates give its attention, shape (samples,)."""
    earned, had = compared.earned, compared.had
    overall = earned.sum(axis=1, keepdims=True) / had.sum(axis=1, keepdims=True)
    # One listing's worth of the mean keeps a bin without others from deciding.
    rate = (earned + overall) / (had + 1.0)
    expected = np.maximum((rate * own).sum(axis=1), np.finfo(np.float64).tiny)
    ratio: Numbers = gained / expected
    return ratio


def _score_bins(scores: Numbers) -> NDArray[np.int64]:
    """Number listings by score, in groups of about equal count; equal scores stay together."""
    edges = np.quantile(scores, np.linspace(0, 1, SCORE_BINS + 1)[1:-1])
    return np.searchsorted(np.unique(edges), scores, side="right")


def _share(values: Numbers, rows: Rows) -> float:
    return round(float(values[rows].sum() / max(values.sum(), np.finfo(np.float64).tiny)), 4)
