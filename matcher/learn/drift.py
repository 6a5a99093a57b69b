"""Whether features are still spread as they were: population stability, feature by feature.

PSI = sum over codes of (now - before) x ln(now / before). By the usual reading: below 0.1 nothing
moved, above 0.25 it is another population.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.features.declared import FEATURES

# Added to each code's count, so that a code seen on one side only is no infinity.
_SUPPOSED = 0.5

Counts = Mapping[str, Sequence[int]]


def code_counts(
    codes: NDArray[np.uint8], weight: NDArray[np.float64] | None = None
) -> dict[str, list[int]]:
    """Count each feature's codes.

    Args:
        codes: rows of them, shape (n, features).
        weight: how many listings each row stands for, shape (n,); one where it is not given.
    """
    return {
        feature.name: np.rint(np.bincount(codes[:, place], weight, minlength=feature.size))
        .astype(int)
        .tolist()
        for place, feature in enumerate(FEATURES)
    }


def drift(before: Counts, now: Counts) -> dict[str, float]:
    """PSI of each feature that both sides counted alike."""
    return {
        name: round(_psi(before[name], now[name]), 4)
        for name in now
        if len(before.get(name, ())) == len(now[name])
    }


def _psi(before: Sequence[int], now: Sequence[int]) -> float:
    shares = [np.asarray(side, np.float64) + _SUPPOSED for side in (before, now)]
    old, new = (side / side.sum() for side in shares)
    return float(((new - old) * np.log(new / old)).sum())
