"""How well an order puts what people wanted first: NDCG@10 on searches that training never saw.

Each search's listings that were on the screen are put into an order and judged by what came of
them. A gain counts as often as its place hides it (1 / attention), so that the order that was
served does not get credit for its own shadow. Then the gain found is summed over all searches and
divided by the most that could be found. Dividing search by search, as is usual with complete
judgements, would undo the correction: with one click in a search its weight cancels out.
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
    """What held-out searches say of some orders, n searches.

    ``found`` by order, the discounted gain it finds first in each search, shape (n,); ``most`` the
    gain that could be found, shape (n,).
    """

    found: Mapping[str, Numbers]
    most: Numbers

    @property
    def searches(self) -> int:
        """How many searches have a gain."""
        return int((self.most > 0).sum())

    def ndcg(self, order: str) -> float:
        """NDCG@10 of an order, 0 to 1; 1 would be knowing every click before it comes."""
        return float(self.found[order].sum() / self.most.sum())

    def document(self, seed: int, against: str) -> dict[str, object]:
        """Write NDCG@10 with 95 % intervals, and each order's difference to one of them.

        Args:
            seed: of the resampling of searches.
            against: the order that others are compared with.
        """
        chance = np.random.default_rng(seed)
        rows = chance.integers(0, len(self.most), (SAMPLES, len(self.most)))
        most = self.most[rows].sum(axis=1)
        shares = {name: found[rows].sum(axis=1) / most for name, found in self.found.items()}
        named: dict[str, object] = {
            name: {
                "ndcg_10": round(self.ndcg(name), 4),
                "interval": _interval(share),
                f"over_{against}": round(self.ndcg(name) - self.ndcg(against), 4),
                f"over_{against}_interval": _interval(share - shares[against]),
            }
            for name, share in shares.items()
        }
        return {"searches_with_a_gain": self.searches, "orders": named}


def judge(query: NDArray[np.int32], gains: Numbers, orders: Mapping[str, Numbers]) -> Judged:
    """Judge orders by NDCG@10.

    Args:
        query: the search of each listing, shape (n,).
        gains: what each listing was worth, shape (n,).
        orders: by name, scores of the listings, shape (n,), the highest first; equals stand in
            the order given.
    """
    found = {name: _dcg(query, gains, scores) for name, scores in orders.items()}
    return Judged(found, _dcg(query, gains, gains))


def _dcg(query: NDArray[np.int32], gains: Numbers, scores: Numbers) -> Numbers:
    """DCG@10 of every search, shape (searches,)."""
    order = np.lexsort((np.arange(len(query)), -scores, query))
    _, first, group = np.unique(query[order], return_index=True, return_inverse=True)
    place = np.arange(len(query)) - first[group]
    discount = np.where(place < DEPTH, 1 / np.log2(place + 2), 0.0)
    total: Numbers = np.bincount(group, gains[order] * discount).astype(np.float64)
    return total


def _interval(shares: Numbers) -> list[float]:
    low, high = np.quantile(shares, (0.025, 0.975))
    return [round(float(low), 4), round(float(high), 4)]
