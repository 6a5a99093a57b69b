"""A ranker's trees as flat arrays of integers: what serves, without any learning library.

Values are fixed-point: a prediction times ``SCALE``, rounded once, when the forest is made. Sums of
integers do not depend on their order, so a score can be taken apart, tabulated and put together
again without losing a bit.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from matcher.features.declared import CROSS, PLACES, PROGRAM, REQUEST, Feature
from matcher.features.pack import pack

SCALE = 1 << 16
LEAF = -1
# Rows of codes from which on looking for equal ones is worth it.
_MANY = 10_000

Columns = Sequence[NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class FlatForest:
    """N nodes of T trees; ``group`` says which half of the score each tree belongs to.

    ``feature`` int16 (N,) place in ``declared.FEATURES`` or ``LEAF``; ``threshold`` uint8 (N,): a
    code up to it goes to ``left``, else to ``right``, int32 (N,); ``value`` int32 (N,), leaves
    only; ``root`` int32 (T,); ``group`` uint8 (T,), 0 program and 1 cross; ``baseline`` int32 (1,).
    """

    feature: NDArray[np.int16]
    threshold: NDArray[np.uint8]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.int32]
    root: NDArray[np.int32]
    group: NDArray[np.uint8]
    baseline: NDArray[np.int32]

    def content_hash(self) -> str:
        """Hash the bytes of all arrays."""
        digest = hashlib.sha256()
        for name in FOREST_ARRAYS:
            array = getattr(self, name)
            digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


FOREST_ARRAYS: tuple[str, ...] = tuple(field.name for field in fields(FlatForest))
PROGRAM_TREES, CROSS_TREES = 0, 1
_FIRST_REQUEST = PLACES[REQUEST[0].name]


def forest_sum(forest: FlatForest, codes: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Walk every tree for every row of codes, shape (n, features): the score, shape (n,)."""
    total = np.full(len(codes), forest.baseline[0], np.int32)
    if len(codes) <= _MANY:
        return total + _walk(forest, forest.root, codes)
    for group, features in ((PROGRAM_TREES, PROGRAM), (CROSS_TREES, CROSS)):
        # A log has the same codes over and over, and what one half of a score asks more often yet.
        asked = [*features, *REQUEST]
        packed = pack(asked, [codes[:, PLACES[feature.name]] for feature in asked])
        _, first, which = np.unique(packed, return_index=True, return_inverse=True)
        total += _walk(forest, forest.root[forest.group == group], codes[first])[which]
    return total


def _walk(
    forest: FlatForest, roots: NDArray[np.int32], codes: NDArray[np.uint8]
) -> NDArray[np.int32]:
    rows = np.arange(len(codes))
    total = np.zeros(len(codes), np.int32)
    for root in roots:
        node = np.full(len(codes), root, np.int32)
        while (inner := forest.feature[node] != LEAF).any():
            at = node[inner]
            low = codes[rows[inner], forest.feature[at]] <= forest.threshold[at]
            node[inner] = np.where(low, forest.left[at], forest.right[at])
        total += forest.value[node]
    return total


def tabulate(
    forest: FlatForest, group: int, features: Sequence[Feature], columns: Columns
) -> NDArray[np.int32]:
    """Sum one group's trees for every request and every row of codes at once.

    A split on a request feature cuts the table's leading axes, a split on another one cuts the
    rows, so each leaf is one addition to one box of the table.

    Args:
        forest: the trees; the baseline counts with the program group.
        group: ``PROGRAM_TREES`` or ``CROSS_TREES``.
        features: the group's features.
        columns: one column of codes for each of them, shape (n,).

    Returns:
        Scores, shape (education levels, formats, n).
    """
    by_place = {PLACES[f.name]: column for f, column in zip(features, columns, strict=True)}
    table = np.zeros((*(feature.size for feature in REQUEST), len(columns[0])), np.int32)
    if group == PROGRAM_TREES:
        table += forest.baseline[0]
    whole = tuple((0, feature.size) for feature in REQUEST)
    everything = np.arange(len(columns[0]))
    for root in forest.root[forest.group == group]:
        _add_leaves(forest, int(root), by_place, table, _Box(whole, everything))
    return table


@dataclass(frozen=True, slots=True)
class _Box:
    """The requests (a range of codes for each request feature) and rows that reach a node."""

    ranges: tuple[tuple[int, int], ...]
    rows: NDArray[np.int64]

    def split(self, axis: int, threshold: int) -> tuple["_Box", "_Box"]:
        low, high = self.ranges[axis]
        middle = min(max(threshold + 1, low), high)
        below, above = list(self.ranges), list(self.ranges)
        below[axis], above[axis] = (low, middle), (middle, high)
        return _Box(tuple(below), self.rows), _Box(tuple(above), self.rows)

    @property
    def empty(self) -> bool:
        return not len(self.rows) or any(low == high for low, high in self.ranges)


def _add_leaves(
    forest: FlatForest,
    node: int,
    columns: Mapping[int, NDArray[np.uint8]],
    table: NDArray[np.int32],
    box: _Box,
) -> None:
    if box.empty:
        return
    place = int(forest.feature[node])
    if place == LEAF:
        (l0, l1), (f0, f1) = box.ranges
        table[l0:l1, f0:f1, box.rows] += forest.value[node]
        return
    threshold = int(forest.threshold[node])
    if place in columns:
        low = columns[place][box.rows] <= threshold
        below, above = _Box(box.ranges, box.rows[low]), _Box(box.ranges, box.rows[~low])
    else:
        below, above = box.split(place - _FIRST_REQUEST, threshold)
    _add_leaves(forest, int(forest.left[node]), columns, table, below)
    _add_leaves(forest, int(forest.right[node]), columns, table, above)
