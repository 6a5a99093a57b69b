"""A small step from what is served to a new order, such as exploration has tried.

What a new order of whole pages would earn a log hardly ever tells: chance drew nothing like it.
What it tells is whether neighbours earn what the new order says of them. So of each two places of
the plain first page (the first and second, the third and fourth, …) the listings are turned around
where the new ranker scores the second higher and chance may turn them. All of this order has been
tried, and the log says exactly how often.
"""

import numpy as np
from numpy.typing import NDArray

from matcher.features.declared import FEATURES, FIELD_NOT_ASKED
from matcher.learn.dataset import Examples
from matcher.standing import fit_standing, is_elsewhere, own_standing
from models.domain.matching import PAGE_SIZE

Places = NDArray[np.int32]


def turned(examples: Examples, scores: NDArray[np.float64]) -> Places:
    """Say at which organic place, from 1, each of n listings stands in that order.

    A listing whose neighbour was not on the screen stays: it cannot be known whether it may not.
    """
    other = _neighbours(examples)
    may = (other >= 0) & _alike(examples, other)
    lower = examples.plain % 2 == 0
    better = scores[other] > scores
    turns = may & np.where(lower, scores > scores[other], better)
    step = np.where(lower, -1, 1)
    return np.where(turns, examples.plain + step, examples.plain).astype(np.int32)


def _neighbours(examples: Examples) -> NDArray[np.int64]:
    """The row of each listing's neighbour in its pair of plain places; -1 where there is none."""
    place = examples.plain.astype(np.int64) - 1
    key = examples.query.astype(np.int64) * PAGE_SIZE + place
    wanted = key + np.where(place % 2 == 0, 1, -1)
    first_page = place < PAGE_SIZE
    # Listings of later pages answer to no key.
    key = np.where(first_page, key, -1)
    order = np.argsort(key, kind="stable")
    at = np.minimum(np.searchsorted(key[order], wanted), len(key) - 1)
    found = order[at]
    return np.where(first_page & (key[found] == wanted), found, -1)


def _alike(examples: Examples, other: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether chance lets each listing change places with another, as far as the log tells."""
    codes = {each.name: examples.codes[:, at] for at, each in enumerate(FEATURES)}
    standing = own_standing(codes) + fit_standing(codes)
    format_fit, cip = codes["format_fit"], examples.cip
    same_field = (codes["field_fit"] != FIELD_NOT_ASKED) | (cip == cip[other])
    same = (standing == standing[other]) & (format_fit == format_fit[other]) & same_field
    # Of a school that is far away the log does not tell the state.
    may: NDArray[np.bool_] = same & ~is_elsewhere(codes)
    return may
