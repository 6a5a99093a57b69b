"""The learned parts of the field classifier, served from plain arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.fieldarrays import Arrays


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Multinomial naive Bayes: what each trait says for F fields and, in a last row, for talk.

    ``rarity`` float64 (B,) of each trait; ``bounds`` int64 (B + 1,) where its entries begin among
    ``rows`` uint16 (N,) and ``evidence`` uint8 (N,), in steps of ``step``; ``base`` float64
    (F + 1,) what a trait says for a field that never had it.
    """

    rarity: NDArray[np.float64]
    bounds: NDArray[np.int64]
    rows: NDArray[np.uint16]
    evidence: NDArray[np.uint8]
    step: float
    base: NDArray[np.float64]

    def weigh(
        self, buckets: NDArray[np.int64], weights: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Turn the weights of traits (N,) into tf-idf of length 1."""
        worth = weights * self.rarity[buckets]
        length = float(np.sqrt(worth @ worth))
        return worth / length if length else worth

    def score(self, buckets: NDArray[np.int64], worth: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up what traits (N,) worth (N,) say for each field, and last for talk (F + 1,)."""
        starts = self.bounds[buckets]
        counts = self.bounds[buckets + 1] - starts
        before = np.cumsum(counts) - counts
        entries = np.arange(int(counts.sum())) + np.repeat(starts - before, counts)
        said = self.evidence[entries] * np.repeat(worth * self.step, counts)
        return np.bincount(self.rows[entries], said, len(self.base)) + self.strange(worth)

    def strange(self, worth: NDArray[np.float64]) -> NDArray[np.float64]:
        """Tell what the scores would be had no field ever had the traits (F + 1,)."""
        total: NDArray[np.float64] = float(worth.sum()) * self.base
        return total


@dataclass(frozen=True, slots=True)
class Trees:
    """T full binary trees of D splits, each laid out as a heap.

    ``clue`` uint8 (T, 2**D - 1) and ``above`` float64 (T, 2**D - 1): a row whose clue is above the
    bound goes right; ``value`` float64 (T, 2**D) of the leaves; ``start`` is added to all.
    """

    clue: NDArray[np.uint8]
    above: NDArray[np.float64]
    value: NDArray[np.float64]
    start: float

    def probability(self, clues: NDArray[np.float64]) -> NDArray[np.float64]:
        """Judge rows of clues (K, J): probabilities (K,)."""
        count, inner = self.clue.shape
        heap = (
            np.arange(count) * inner
        )  # where each tree begins; "take" is quicker than two indices
        row = np.arange(len(clues))[:, np.newaxis] * clues.shape[1]
        node = np.zeros((len(clues), count), dtype=np.int64)
        for _ in range(self.value.shape[1].bit_length() - 1):
            at = node + heap
            node = 2 * node + 1 + (clues.take(row + self.clue.take(at)) > self.above.take(at))
        leaf = node - inner + np.arange(count) * self.value.shape[1]
        logit = self.start + self.value.take(leaf).sum(axis=1)
        likely: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-logit))
        return likely


def trees_of(arrays: Arrays, prefix: str) -> Trees:
    """Unpack trees whose arrays' names begin with ``prefix``."""
    clue, above, value, start = (
        arrays[f"{prefix}{name}"] for name in ("clue", "above", "value", "start")
    )
    return Trees(clue, above, value, float(start))


def linear_of(arrays: Arrays) -> LinearModel:
    """Unpack the linear part: ``often`` tells in how many of ``texts`` each trait occurs."""
    counts = arrays["counts"].astype(np.int64)
    return LinearModel(
        rarity=np.log((1.0 + float(arrays["texts"])) / (1.0 + arrays["often"])),
        bounds=np.concatenate(([0], np.cumsum(counts))),
        rows=arrays["rows"],
        evidence=arrays["evidence"],
        step=float(arrays["step"]),
        base=arrays["base"],
    )
