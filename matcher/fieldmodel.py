"""The learned parts of the field classifier, served from plain arrays."""

from dataclasses import dataclass, field

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
        starts = self.bounds.take(buckets)
        counts = self.bounds.take(buckets + 1) - starts
        until = counts.cumsum()
        entries = (starts - until + counts).repeat(counts)
        entries += np.arange(len(entries))
        said = self.evidence.take(entries) * (worth * self.step).repeat(counts)
        return np.bincount(self.rows.take(entries), said, len(self.base)) + self.strange(worth)

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
    _roots: NDArray[np.int64] = field(init=False, repr=False)
    _leaves: NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Note where each tree begins, among the splits and, from its last split, the leaves."""
        count, inner = self.clue.shape
        object.__setattr__(self, "_roots", np.arange(count) * inner)
        object.__setattr__(self, "_leaves", np.arange(count) * self.value.shape[1] - inner)

    def probability(self, clues: NDArray[np.float64]) -> NDArray[np.float64]:
        """Judge rows of clues (K, J): probabilities (K,)."""
        # "take" is quicker than two indices.
        row = np.arange(len(clues))[:, np.newaxis] * clues.shape[1]
        node = np.zeros((len(clues), len(self._roots)), dtype=np.int64)
        for _ in range(self.value.shape[1].bit_length() - 1):
            at = node + self._roots
            right = clues.take(row + self.clue.take(at)) > self.above.take(at)
            node += node
            node += right
            node += 1
        node += self._leaves
        logit = self.start + self.value.take(node).sum(axis=1)
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
