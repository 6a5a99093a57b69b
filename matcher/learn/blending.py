"""The order: a sum of trees that find rates and of trees that put listings in order.

The first are fitted to gains per chance to be looked at by a Poisson loss, the second by
LambdaMART to gains over that chance. How much the second count is chosen on searches that fitted
neither; where clicks are few they are mostly noise, and then they count nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.learn.dataset import Examples
from matcher.learn.evaluate import judge
from matcher.learn.listwise import blend
from matcher.learn.trees import fit_order, fit_rates, raw_scores

# What the second kind may count, and how much better NDCG@10 must be for it to count at all.
SHARES = (0.0, 0.25, 0.5)
LEAST_BETTER = 0.002
# Searches with a gain that teach the second kind, at most: more cost time and change little.
MOST_SEARCHES = 6_000
# One click at a place hardly anybody looks at must not decide an order.
CLIP = 0.05
LEAST_SEEN = 1e-3

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Blended:
    """One estimator, the share of its listwise trees, and NDCG@10 by share tried."""

    estimator: Any
    share: float
    tried: Mapping[str, float]

    def card(self) -> dict[str, object]:
        """Write it for the card."""
        return {"listwise_share": self.share, "ndcg_10_by_share": dict(self.tried)}


@dataclass(frozen=True, slots=True)
class Gained:
    """Listings, what each gained as it came, and P(looked at).

    ``looked`` given the clicks above, ``beforehand`` before any click was known, shape (n,).
    """

    examples: Examples
    gains: Numbers
    looked: Numbers
    beforehand: Numbers

    def worth(self) -> Numbers:
        """What each gained, corrected for how its page hides it, shape (n,)."""
        return self.gains / np.maximum(self.beforehand, CLIP)


def fit_blend(fitting: Gained, choosing: Gained, trees: int, seed: int) -> Blended:
    """Fit both kinds of trees and choose how much the second count.

    Args:
        fitting: what both are fitted to.
        choosing: searches that chose nothing else.
        trees: how many of the first kind; of the second there are half as many.
        seed: of every choice.
    """
    rows = fitting.examples
    rates = fitting.gains / np.maximum(fitting.looked, np.finfo(np.float64).tiny)
    pointwise = fit_rates(rows.codes, rates, fitting.looked * rows.weight, trees, seed)
    some = _searches(fitting, seed)
    if not some.any():
        return Blended(pointwise, 0.0, {})
    few = rows.take(some)
    # A pair counts as much as both were likely looked at: what hardly anybody came to says little,
    # and never that it is not wanted.
    seen = np.maximum(fitting.beforehand[some], LEAST_SEEN)
    weighed = replace(few, weight=few.weight * seen)
    listwise = fit_order(weighed, fitting.gains[some] / seen, max(trees // 2, 1), seed)
    tried = {share: blend(pointwise, listwise, share) for share in SHARES}
    orders = {str(s): raw_scores(each, choosing.examples.codes) for s, each in tried.items()}
    judged = judge(choosing.examples.query, choosing.worth(), orders)
    if not judged.searches:
        return Blended(pointwise, 0.0, {})
    found = {name: round(judged.ndcg(name), 4) for name in orders}
    best = max(SHARES, key=lambda each: found[str(each)])
    share = best if found[str(best)] >= found[str(SHARES[0])] + LEAST_BETTER else SHARES[0]
    return Blended(tried[share] if share else pointwise, share, found)


def _searches(fitting: Gained, seed: int) -> NDArray[np.bool_]:
    """Choose the listings of searches with a gain, some of them where they are many."""
    query = fitting.examples.query
    gained = np.unique(query[fitting.gains > 0])
    if len(gained) > MOST_SEARCHES:
        gained = np.random.default_rng(seed).choice(gained, MOST_SEARCHES, replace=False)
    chosen = np.zeros(int(query.max(initial=0)) + 1, bool)
    chosen[gained] = True
    return chosen[query]
