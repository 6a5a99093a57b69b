"""How well an order puts what people wanted first, on searches that training never saw.

Each search's listings that were on the screen are put into an order and judged by what came of
them. For NDCG a gain counts as often as its place hides it (1 / attention), so that the order that
was served does not get credit for its own shadow. Then the gain found is summed over all searches
and divided by the most that could be found. Dividing search by search, as is usual with complete
judgements, would undo the correction: with one click in a search its weight cancels out.

MRR, the mean of 1 / place of what was gained, is corrected and summed in the same way. Listings of
equal score share their places evenly: an order gets no credit for the order it was given.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.learn.resample import interval, resampled_totals

DEPTHS = (5, 10)
MEASURES = (*(f"ndcg_{depth}" for depth in DEPTHS), "mrr")

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """What held-out searches say of some orders, n searches.

    ``found`` by order: what each search adds to each of ``MEASURES``, shape (3, n); ``most``: what
    it could add, shape (3, n).
    """

    found: Mapping[str, Numbers]
    most: Numbers

    @property
    def searches(self) -> int:
        """How many searches have a gain."""
        return int((self.most[-1] > 0).sum())

    def share(self, order: str, measure: str = "ndcg_10") -> float:
        """What share of what could be found an order finds, 0 to 1."""
        row = MEASURES.index(measure)
        return float(self.found[order][row].sum() / self.most[row].sum())

    def ndcg(self, order: str) -> float:
        """NDCG@10 of an order, 0 to 1; 1 would be knowing every click before it comes."""
        return self.share(order)

    def resampled(self, seed: int) -> dict[str, Numbers]:
        """Each order's measures on searches drawn anew, shape (samples, 3)."""
        stacked = np.concatenate([self.most, *self.found.values()])
        totals = resampled_totals(stacked, seed)
        size = len(MEASURES)
        most = np.maximum(totals[:, :size], np.finfo(np.float64).tiny)
        parts = (totals[:, at : at + size] for at in range(size, totals.shape[1], size))
        return {name: part / most for name, part in zip(self.found, parts, strict=True)}

    def over(self, seed: int, order: str, other: str) -> "Difference":
        """How much more NDCG@10 one order has than another, on the same searches."""
        samples = self.resampled(seed)
        column = MEASURES.index("ndcg_10")
        apart = samples[order][:, column] - samples[other][:, column]
        low, high = interval(apart)
        return Difference(
            round(self.ndcg(order) - self.ndcg(other), 4), low, high, float(apart.std())
        )

    def document(self, seed: int, against: str) -> dict[str, object]:
        """Write the measures with 95 % intervals, and each order's difference to one of them.

        Args:
            seed: of the resampling of searches.
            against: the order that others are compared with.
        """
        samples = self.resampled(seed)
        column = MEASURES.index("ndcg_10")
        named = {}
        for name, drawn in samples.items():
            row: dict[str, object] = {}
            for place, measure in enumerate(MEASURES):
                row[measure] = round(self.share(name, measure), 4)
                row[f"{measure}_interval"] = interval(drawn[:, place])
            row[f"over_{against}"] = round(self.ndcg(name) - self.ndcg(against), 4)
            apart = drawn[:, column] - samples[against][:, column]
            row[f"over_{against}_interval"] = interval(apart)
            named[name] = row
        return {"searches_with_a_gain": self.searches, "orders": named}


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of NDCG@10 with its 95 % interval and standard error."""

    value: float
    low: float
    high: float
    error: float


def judge(query: NDArray[np.int32], gains: Numbers, orders: Mapping[str, Numbers]) -> Judged:
    """Judge orders by NDCG@5, NDCG@10 and MRR.

    Args:
        query: the search of each listing, shape (n,).
        gains: what each listing was worth, shape (n,).
        orders: by name, scores of the listings, shape (n,), the highest first.
    """
    found = {name: _measures(query, gains, scores) for name, scores in orders.items()}
    return Judged(found, _most(query, gains))


def by_depth(
    query: NDArray[np.int32], gains: Numbers, orders: Mapping[str, Numbers], most: int
) -> dict[str, list[float]]:
    """NDCG of orders at each depth from 1 on: where on a page an order finds what was wanted.

    Args:
        query: the search of each listing, shape (n,).
        gains: what each listing was worth, shape (n,).
        orders: by name, scores of the listings, shape (n,), the highest first.
        most: the last depth.
    """
    ideal = _gain_by_place(query, gains, gains, most)
    reached = np.maximum(np.cumsum(ideal), np.finfo(np.float64).tiny)
    return {
        name: np.round(np.cumsum(_gain_by_place(query, gains, scores, most)) / reached, 4).tolist()
        for name, scores in orders.items()
    }


def _gain_by_place(query: NDArray[np.int32], gains: Numbers, scores: Numbers, most: int) -> Numbers:
    """Discounted gains at each place, shape (most,); equals share what they gained."""
    place = places(query, scores)
    shared = _shared(query, scores, gains)
    found: Numbers = np.zeros(most)
    seen = place < most
    np.add.at(found, place[seen], shared[seen] / np.log2(place[seen] + 2))
    return found


def places(query: NDArray[np.int32], scores: Numbers) -> NDArray[np.int64]:
    """Where each listing stands in its search, from 0; equals stand as they were given."""
    order = np.lexsort((np.arange(len(query)), -scores, query))
    _, first, group = np.unique(query[order], return_index=True, return_inverse=True)
    place = np.empty(len(query), np.int64)
    place[order] = np.arange(len(query)) - first[group]
    return place


def discounts(query: NDArray[np.int32], scores: Numbers, depth: int) -> Numbers:
    """The discount of each listing's place, 0 beyond a depth; equals share theirs."""
    place = places(query, scores)
    return _shared(query, scores, np.where(place < depth, 1 / np.log2(place + 2), 0.0))


def _shared(query: NDArray[np.int32], scores: Numbers, values: Numbers) -> Numbers:
    """Give listings of a search that have one score the mean of their values, shape (n,)."""
    order = np.lexsort((scores, query))
    new = np.ones(len(query), bool)
    new[1:] = (np.diff(query[order]) != 0) | (np.diff(scores[order]) != 0)
    block = np.cumsum(new) - 1
    mean = np.bincount(block, values[order]) / np.bincount(block)
    shared: Numbers = np.empty(len(query))
    shared[order] = mean[block]
    return shared


def _measures(query: NDArray[np.int32], gains: Numbers, scores: Numbers) -> Numbers:
    """What every search adds to each measure, shape (3, searches)."""
    # Sorted once for all measures: sorting is what takes the time.
    order = np.lexsort((-scores, query))
    search, score, gain = query[order], scores[order], gains[order]
    begins = np.ones(len(order), bool)
    begins[1:] = np.diff(search) != 0
    group = np.cumsum(begins) - 1
    place = np.arange(len(order)) - np.flatnonzero(begins)[group]
    begins[1:] |= np.diff(score) != 0
    block = np.cumsum(begins) - 1
    size = np.bincount(block)
    weights = [np.where(place < depth, 1 / np.log2(place + 2), 0.0) for depth in DEPTHS]
    weights.append(1.0 / (1 + place))
    return np.array(
        [
            np.bincount(group, gain * (np.bincount(block, weight) / size)[block])
            for weight in weights
        ]
    )


def _most(query: NDArray[np.int32], gains: Numbers) -> Numbers:
    """What every search could add at most; for MRR everything gained standing first."""
    _, group = np.unique(query, return_inverse=True)
    return np.array([*_measures(query, gains, gains)[:-1], np.bincount(group, gains)])
