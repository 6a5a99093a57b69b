"""Intervals by drawing searches anew: a search stays whole, so its listings stay together."""

import numpy as np
from numpy.typing import NDArray

SAMPLES = 200
_AT_ONCE = 20

Numbers = NDArray[np.float64]


def resampled_totals(values: Numbers, seed: int) -> Numbers:
    """Add up searches, drawn with replacement ``SAMPLES`` times.

    Args:
        values: what each of n searches adds to each of m totals, shape (m, n).
        seed: of the drawing.

    Returns:
        Totals, shape (``SAMPLES``, m).
    """
    return totals_drawn(values, times_drawn(values.shape[1], seed))


def times_drawn(searches: int, seed: int) -> NDArray[np.uint8]:
    """Draw n searches n times, with replacement: how often each came, shape (n, ``SAMPLES``)."""
    chance = np.random.default_rng(seed)
    # By sample first, as they are drawn; nothing comes 255 times where so many are drawn.
    times = np.empty((SAMPLES, searches), np.uint8)
    for row in times:
        row[:] = np.bincount(chance.integers(0, searches, searches), minlength=searches)
    return times.T


def totals_drawn(values: Numbers, times: NDArray[np.uint8]) -> Numbers:
    """Add up searches as they were drawn, some draws at a time: all would need a big table.

    Args:
        values: what each of n searches adds to each of m totals, shape (m, n).
        times: how often each was drawn, shape (n, ``SAMPLES``).

    Returns:
        Totals, shape (``SAMPLES``, m).
    """
    totals = np.empty((SAMPLES, len(values)))
    for first in range(0, SAMPLES, _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        totals[some] = (values @ times[:, some].astype(np.float64)).T
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
