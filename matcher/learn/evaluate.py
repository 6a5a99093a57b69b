"""How well an order puts what people wanted first: NDCG@10 on searches that training never saw.

Each search's listings that were on the screen are put into an order and judged by what came of
them. A gain counts as often as its place hides it (1 / attention), so that the order that was
served does not get credit for its own shadow.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEPTH = 10
SAMPLES = 200

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a held-out set says of some orders; ``ndcg`` by name, each (searches with a gain,)."""

    searches: int
    ndcg: Mapping[str, Numbers]

    def document(self, seed: int, against: str) -> dict[str, object]:
        """Write means with 95 % intervals, and each order's difference to one of them.

        Args:
            seed: of the resampling of searches.
            against: the order that others are compared with.
        """
        chance = np.random.default_rng(seed)
        rows = chance.integers(0, self.searches, (SAMPLES, self.searches))
        named: dict[str, object] = {}
        for name, values in self.ndcg.items():
            difference = values - self.ndcg[against]
            named[name] = {
                "ndcg_10": round(float(values.mean()), 4),
                "interval": _interval(values[rows].mean(axis=1)),
                f"over_{against}": round(float(difference.mean()), 4),
                f"over_{against}_interval": _interval(difference[rows].mean(axis=1)),
            }
        return {"searches_with_a_gain": self.searches, "orders": named}


def judge(query: NDArray[np.int32], gains: Numbers, orders: Mapping[str, Numbers]) -> Judged:
    """Judge orders by NDCG@10.

    Args:
        query: the search of each listing, shape (n,).
        gains: what each listing was worth, shape (n,); searches without any are left out.
        orders: by name, scores of the listings, shape (n,), the highest first; equals stand in
            the order given.
    """
    ndcg = {name: _ndcg(query, gains, scores) for name, scores in orders.items()}
    ideal = _dcg(query, gains, gains)
    kept = ideal > 0
    return Judged(int(kept.sum()), {name: values[kept] for name, values in ndcg.items()})


def _ndcg(query: NDArray[np.int32], gains: Numbers, scores: Numbers) -> Numbers:
    ideal = _dcg(query, gains, gains)
    return _dcg(query, gains, scores) / np.where(ideal > 0, ideal, 1.0)


def _dcg(query: NDArray[np.int32], gains: Numbers, scores: Numbers) -> Numbers:
    """DCG@10 of every search, shape (searches,)."""
    order = np.lexsort((np.arange(len(query)), -scores, query))
    _, first, group = np.unique(query[order], return_index=True, return_inverse=True)
    place = np.arange(len(query)) - first[group]
    discount = np.where(place < DEPTH, 1 / np.log2(place + 2), 0.0)
    total: Numbers = np.bincount(group, gains[order] * discount).astype(np.float64)
    return total


def _interval(means: Numbers) -> list[float]:
    low, high = np.quantile(means, (0.025, 0.975))
    return [round(float(low), 4), round(float(high), 4)]
