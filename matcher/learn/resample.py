"""Intervals by drawing searches anew: a search stays whole, so its listings stay together."""

import numpy as np
from numpy.typing import NDArray

SAMPLES = 200
_AT_ONCE = 20

Numbers = NDArray[np.float64]


def resampled_totals(values: Numbers, seed: int) -> Numbers:
    """Add up searches, drawn with replacement ``SAMPLES`` times.

    Some draws at a time: all would need a big table, and one reads all values for one sum.

    Args:
        values: what each of n searches adds to each of m totals, shape (m, n).
        seed: of the drawing.

    Returns:
        Totals, shape (``SAMPLES``, m).
    """
    chance = np.random.default_rng(seed)
    searches = values.shape[1]
    totals = np.empty((SAMPLES, len(values)))
    for first in range(0, SAMPLES, _AT_ONCE):
        drawn = np.empty((searches, _AT_ONCE))
        for column in range(_AT_ONCE):
            times = np.bincount(chance.integers(0, searches, searches), minlength=searches)
            drawn[:, column] = times
        totals[first : first + _AT_ONCE] = (values @ drawn).T
    return totals


def interval(samples: Numbers) -> list[float]:
    """The middle 95 % of samples."""
    low, high = np.quantile(samples, (0.025, 0.975))
    return [round(float(low), 4), round(float(high), 4)]


def by_search(query: NDArray[np.int32], values: Numbers) -> Numbers:
    """Add up listings by search, in the order of their numbers; searches without any are left out.

    Args:
        query: the search of each listing, shape (n,).
        values: of each listing, shape (m, n).

    Returns:
        Shape (m, searches).
    """
    _, group = np.unique(query, return_inverse=True)
    count = int(group.max()) + 1 if len(group) else 0
    added = np.empty((len(values), count))
    for row, each in enumerate(values):
        added[row] = np.bincount(group, each, minlength=count)
    return added
