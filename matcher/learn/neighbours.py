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
Rows = NDArray[np.int64]


def turned(examples: Examples, scores: NDArray[np.float64]) -> Places:
    """Say at which organic place, from 1, each of n listings stands in that order.

    A listing whose neighbour was not on the screen stays: it cannot be known whether it may not.
    """
    plain = examples.plain.astype(np.int64)
    lower = plain % 2 == 0
    step = np.where(lower, -1, 1)
    own = np.arange(len(plain))
    other = rows_at(examples, examples.plain, own, plain + step)
    may = (other >= 0) & (plain <= PAGE_SIZE) & may_turn(examples, own, other)
    better = scores[other] > scores
    turns = may & np.where(lower, scores > scores[other], better)
    return np.where(turns, plain + step, plain).astype(np.int32)


def rows_at(
    examples: Examples, places: Places, of: Rows, wanted: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Find who has some place of a search's first page.

    Args:
        examples: n listings.
        places: the place of each, from 1, shape (n,); those after the first page are not found.
        of: rows of the searches looked into, shape (m,).
        wanted: the place looked for in each, shape (m,).

    Returns:
        Their rows, shape (m,); -1 where nobody was on the screen.
    """
    width = PAGE_SIZE + 1
    place = places.astype(np.int64)
    query = examples.query.astype(np.int64)
    key = np.where((place >= 1) & (place <= PAGE_SIZE), query * width + place, -1)
    order = np.argsort(key, kind="stable")
    sought = np.where((wanted >= 1) & (wanted <= PAGE_SIZE), query[of] * width + wanted, -2)
    at = np.minimum(np.searchsorted(key[order], sought), len(key) - 1)
    found = order[at]
    return np.where(key[found] == sought, found, -1)


def may_turn(examples: Examples, one: Rows, other: Rows) -> NDArray[np.bool_]:
    """Whether chance lets listings change places with others, as far as the log tells, (m,)."""
    codes = {each.name: examples.codes[:, at] for at, each in enumerate(FEATURES)}
    standing = own_standing(codes) + fit_standing(codes)
    format_fit, cip = codes["format_fit"], examples.cip
    asked = codes["field_fit"] != FIELD_NOT_ASKED
    same_field = asked[one] | (cip[one] == cip[other])
    same = (standing[one] == standing[other]) & (format_fit[one] == format_fit[other])
    # Of a school that is far away the log does not tell the state.
    may: NDArray[np.bool_] = same & same_field & ~is_elsewhere(codes)[one]
    return may
