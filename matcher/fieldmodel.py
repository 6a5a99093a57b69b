"""What was learned about the words of fields, as plain arrays: ``matcher/data/fieldmodel.npz``.

``matcher.learn.fields`` fits all parts with scikit-learn and writes the file; a process that only
asks reads these arrays and never meets a learning library.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

ARRAYS = "fieldmodel.npz"


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
        trees = np.arange(len(self.clue))
        node = np.zeros((len(clues), len(trees)), dtype=np.int64)
        row = np.arange(len(clues))[:, np.newaxis]
        for _ in range(self.value.shape[1].bit_length() - 1):
            right = clues[row, self.clue[trees, node]] > self.above[trees, node]
            node = 2 * node + 1 + right
        logit = self.start + self.value[trees, node - self.clue.shape[1]].sum(axis=1)
        likely: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-logit))
        return likely


@dataclass(frozen=True, slots=True)
class FieldModel:
    """All learned parts, the families they know in order, and a hash of the learned texts.

    ``meant`` judges whether a text is about one field, ``about`` whether it is about any.
    """

    cips: tuple[str, ...]
    linear: LinearModel
    meant: Trees
    about: Trees
    learned_from: str


def load_model() -> FieldModel:
    """Read the packaged arrays."""
    return read_model((files("matcher") / "data" / ARRAYS).read_bytes())


def read_model(data: bytes) -> FieldModel:
    """Read a model from the bytes that ``matcher.learn.fields.fit`` gave."""
    with np.load(BytesIO(data), allow_pickle=False) as arrays:
        return _from(arrays)


def _from(arrays: Mapping[str, NDArray[Any]]) -> FieldModel:
    cips = tuple(arrays["cips"].tolist())
    meant, about = trees_of(arrays, "meant_"), trees_of(arrays, "about_")
    return FieldModel(cips, linear_of(arrays), meant, about, str(arrays["learned_from"]))


def trees_of(arrays: Mapping[str, NDArray[Any]], prefix: str) -> Trees:
    """Unpack trees whose arrays' names begin with ``prefix``."""
    clue, above, value, start = (
        arrays[f"{prefix}{name}"] for name in ("clue", "above", "value", "start")
    )
    return Trees(clue, above, value, float(start))


def linear_of(arrays: Mapping[str, NDArray[Any]]) -> LinearModel:
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
