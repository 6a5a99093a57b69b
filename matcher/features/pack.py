"""Codes of several features packed into one number, and back (mixed radix, last one fastest)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.features.declared import Feature

Codes = NDArray[np.uint8]


def pack(features: Sequence[Feature], columns: Sequence[Codes]) -> NDArray[np.int32]:
    """Pack one column of codes a feature, each shape (n,), into one number a row."""
    packed = columns[0].astype(np.int32)
    for feature, column in zip(features[1:], columns[1:], strict=True):
        packed *= feature.size
        packed += column
    return packed


def unpack(features: Sequence[Feature], packed: NDArray[np.int32]) -> list[Codes]:
    """Undo ``pack``."""
    columns: list[Codes] = []
    rest = packed.astype(np.int64)
    for feature in reversed(features):
        columns.append((rest % feature.size).astype(np.uint8))
        rest //= feature.size
    return columns[::-1]


def combinations(features: Sequence[Feature]) -> int:
    """How many packed numbers there are."""
    return int(np.prod([feature.size for feature in features], dtype=np.int64))


def all_codes(features: Sequence[Feature]) -> list[Codes]:
    """Every combination, in the order of its packed number."""
    return unpack(features, np.arange(combinations(features), dtype=np.int32))
