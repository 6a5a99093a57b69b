"""Which phrases consist of just these stems, in this order: a tree, kept in sorted arrays.

Phrases that begin with the same stems share a way from the root. A node is known by its number; a
step from a node by a stem is a code in one sorted array, and the place of the code tells the node
that the step leads to. So tens of thousands of phrases need no object each.
"""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class Keys:
    """Finds the rows of phrases by all their stems, and tells which stems stand side by side."""

    def __init__(
        self, lengths: NDArray[np.int64], said: NDArray[np.int64], stem_count: int
    ) -> None:
        """Read the stems ``said`` (N,) by phrases of ``lengths`` (P,), end to end."""
        self._stem_count = stem_count
        first = np.cumsum(lengths) - lengths
        node = np.zeros(len(lengths), np.int64)
        steps: list[NDArray[np.int64]] = []
        nodes = 1
        for place in range(int(lengths.max(initial=0))):
            on = np.flatnonzero(lengths > place)
            codes = node[on] * stem_count + said[first[on] + place]
            known, which = np.unique(codes, return_inverse=True)
            node[on] = nodes + which
            nodes += len(known)
            steps.append(known)
        # Nodes are numbered by how far they are from the root, so the codes are in order.
        self._steps = np.concatenate([*steps, np.zeros(0, np.int64)]).data
        order = np.argsort(node, kind="stable")
        # A list of numbers would take five times the memory.
        self._rows = order.data
        self._bounds = np.searchsorted(node[order], np.arange(nodes + 1)).data
        inside = np.ones(len(said), np.bool_)
        inside[first[lengths > 0]] = False
        second = np.flatnonzero(inside)
        self._pairs = np.unique(said[second - 1] * stem_count + said[second]).data

    def rows(self, key: Sequence[int]) -> list[int]:
        """List the phrases that consist of just these stems."""
        node = 0
        for stem in key:
            node = self._step(node, stem)
            if not node:
                return []
        return self._said_at(node)

    def longest(self, key: Sequence[int]) -> int:
        """Tell how many of the first stems of ``key`` make the longest phrase; 0 for none."""
        node, longest = 0, 0
        for length, stem in enumerate(key, 1):
            node = self._step(node, stem)
            if not node:
                break
            if self._bounds[node] < self._bounds[node + 1]:
                longest = length
        return longest

    def adjacent(self, one: int, other: int) -> bool:
        """Tell whether some phrase says one stem right after the other."""
        return self._found(self._pairs, one, other) >= 0

    def _said_at(self, node: int) -> list[int]:
        return self._rows[self._bounds[node] : self._bounds[node + 1]].tolist()

    def _step(self, node: int, stem: int) -> int:
        """Give the node that a stem leads to, 0 for none: nothing leads back to the root."""
        return self._found(self._steps, node, stem) + 1

    def _found(self, codes: "memoryview[int]", one: int, stem: int) -> int:
        """Give the place of a code, -1 for none; an unknown stem is below 0."""
        if one < 0 or stem < 0:
            return -1
        code = one * self._stem_count + stem
        place = bisect_left(codes, code)
        return place if place < len(codes) and codes[place] == code else -1
