"""Scores candidates: two table look-ups and an addition, whole numbers throughout.

Every eligible candidate is scored. Candidates are then ordered by one packed number each: what is
not published, score, distance, and a fixed order of equals, in that order of weight. No campaign
is an input here, nor anywhere above.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.features.cross import CrossCodes, cross_codes
from matcher.features.declared import REQUEST
from matcher.features.student import Student
from matcher.geography import EARTH_RADIUS_MILES
from matcher.index import CatalogIndex
from matcher.registry import Scores
from matcher.retrieve import Found
from matcher.surroundings import IN_RANGE, Surroundings
from models.domain.matching import Sort

# The packed order: tier 2 bits, falling score 28, miles 10, tie 22.
_TIE_BITS, _MILES_BITS, _SCORE_BITS = 22, 10, 28
SCORE_SHIFT = _MILES_BITS + _TIE_BITS
_TIER_SHIFT = SCORE_SHIFT + _SCORE_BITS
_NO_MILES = (1 << _MILES_BITS) - 1
_TIE = (1 << _TIE_BITS) - 1
_FIRST_CHUNK = 128
# From so many candidates on the first are looked for by the least of parts, of so many each.
_LARGE, _APART = 20_000, 32
# Under a chosen sort: tier, then the figure's 31 bits and its sign.
_MAGNITUDE, _FIGURE_BITS = 0x7FFFFFFF, 33


@dataclass(frozen=True, slots=True)
class Ranked:
    """Candidates of a search in order, n of them: places in ``found.rows``.

    ``order`` int64 (n,), least first, no two the same, holds their scores; under a chosen sort
    ``figure`` int64 (n,) is compared first. ``cross`` tells their cross codes. ``sorted`` keeps
    the first candidates, as far as anybody looked. ``school_by_tie`` is the index's.
    """

    found: Found
    cross: CrossCodes
    order: NDArray[np.int64]
    school_by_tie: NDArray[np.integer[Any]]
    figure: NDArray[np.int64] | None = None
    sorted: list[NDArray[np.int64]] = field(default_factory=list, compare=False)

    @property
    def count(self) -> int:
        """How many candidates there are."""
        return len(self.order)

    def scores(self, candidates: NDArray[np.int64] | Sequence[int]) -> NDArray[np.int32]:
        """Read the scores of candidates, shape (k,)."""
        order = self.order.take(candidates)
        if self.found.tier is not None:
            order -= self.found.tier.take(candidates).astype(np.int64) << _TIER_SHIFT
        order >>= SCORE_SHIFT
        return np.negative(order).astype(np.int32)

    def first(self, count: int) -> NDArray[np.int64]:
        """The first candidates in order, as many or more: sorting little more than is asked."""
        if not self.sorted or len(self.sorted[0]) < min(count, self.count):
            enough = _FIRST_CHUNK
            while enough < count:
                enough *= 4
            self.sorted[:] = [self._first(min(enough, self.count))]
        return self.sorted[0]

    def leading(self, count: int) -> NDArray[np.int64]:
        """The least of ``order``, rising: half of what it costs to tell whose they are."""
        if count >= self.count:
            return np.sort(self.order)
        least = np.partition(self.order, count - 1)[:count]
        least.sort()
        return least

    def schools(self, order: NDArray[np.int64]) -> NDArray[np.integer[Any]]:
        """The schools of candidates by their ``order``, which holds that of equals."""
        return self.school_by_tie.take(order & _TIE)

    def rank_of(self, candidate: int) -> int:
        """How many candidates come before one."""
        before = self.order < self.order[candidate]
        if self.figure is not None:
            own = self.figure[candidate]
            before = (self.figure < own) | ((self.figure == own) & before)
        return int(np.count_nonzero(before))

    def _first(self, count: int) -> NDArray[np.int64]:
        if self.figure is None:
            chosen = _least(self.order, count)
            return chosen[np.argsort(self.order[chosen])]
        limit = self.figure[_least(self.figure, count)].max()
        before, equal = np.flatnonzero(self.figure < limit), np.flatnonzero(self.figure == limit)
        equal = equal[_least(self.order[equal], count - len(before))]
        chosen = np.concatenate([before, equal])
        return chosen[np.lexsort((self.order[chosen], self.figure[chosen]))]


def _least(values: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The places of the least values, in no order."""
    if count >= len(values):
        return np.arange(len(values))
    parts = len(values) // _APART
    if len(values) < _LARGE or parts < count:
        return np.argpartition(values, count - 1)[:count]
    # So many parts have a least value up to the limit, so as many values at least are up to it: the
    # others need not be sorted out.
    least_of_each = values[: parts * _APART].reshape(_APART, parts).min(axis=0)
    limit = np.partition(least_of_each, count - 1)[count - 1]
    within = np.flatnonzero(values <= limit)
    return within[np.argpartition(values.take(within), count - 1)[:count]]


def rank(catalog: Catalog, index: CatalogIndex, scores: Scores, found: Found, sort: Sort) -> Ranked:
    """Score and order everything that was found.

    Under a chosen sort the sorted figure comes first, figures that are not published last, and
    the order by relevance decides between equals.
    """
    request, candidates = request_row(found.student), found.candidates
    around = candidates.around
    cross = cross_codes(catalog, found.student, found.rows, candidates.format, around)
    own, meeting = scores.program[request], scores.cross[request]
    combination = candidates.read(scores.combination)
    # Each pass over all candidates counts: what depends on the place is put together before it is
    # spread, and the shift of a falling score is one multiplication, of tables where these are
    # shorter.
    by_spot = _whole_miles(around)
    if cross.own is None:
        by_spot += _falling(meeting.take(cross.cells)).take(cross.cell)
        if len(combination) > len(own):
            order = _falling(own).take(combination, mode=IN_RANGE)
        else:
            order = _falling(own.take(combination))
    else:
        order = _falling(
            own.take(combination, mode=IN_RANGE) + meeting.take(cross.all(), mode=IN_RANGE)
        )
    order += around.spread(by_spot)
    order += candidates.read(index.tie)
    if found.tier is not None:
        order += found.tier.astype(np.int64) << _TIER_SHIFT
    figure = None if sort is Sort.RELEVANCE else _by_figure(catalog, found, sort)
    return Ranked(found, cross, order, index.school_by_tie, figure)


def _falling(scores: NDArray[np.int32]) -> NDArray[np.int64]:
    """Scores where the order has them, the highest least."""
    return np.multiply(scores, -1 << SCORE_SHIFT, dtype=np.int64)


def request_row(student: Student) -> int:
    """The row of a student's request in the score tables."""
    level, wish = student.codes
    return level * REQUEST[1].size + wish


def _whole_miles(around: Surroundings) -> NDArray[np.int64]:
    """Miles of each spot, where the order has them, shape (m,).

    The chord is near enough, and its root is exactly rounded.
    """
    if around.squared is None:
        return np.zeros(len(around.region), np.int64)
    miles = np.sqrt(around.squared)
    miles *= np.float32(EARTH_RADIUS_MILES)
    np.fmin(miles, np.float32(_NO_MILES), out=miles)
    whole = miles.astype(np.int64)
    whole <<= _TIE_BITS
    return whole


def _by_figure(catalog: Catalog, found: Found, sort: Sort) -> NDArray[np.int64]:
    """The sorted figure as a whole number that orders as it does, after what is not published."""
    figure = _figure(catalog, found, sort)
    bits = np.where(np.isnan(figure), np.float32(np.inf), figure).view(np.int32).astype(np.int64)
    # The bits of a float order as its size does: below zero they count backwards.
    order = np.where(bits < 0, -(bits & _MAGNITUDE), bits)
    if found.tier is not None:
        order += found.tier.astype(np.int64) << _FIGURE_BITS
    return order


def _figure(catalog: Catalog, found: Found, sort: Sort) -> NDArray[np.float32]:
    if sort is Sort.NET_PRICE:
        return catalog.net_price.take(found.school)
    if sort is Sort.EARNINGS:
        return -catalog.earnings.take(found.rows)
    around = found.candidates.around
    if around.squared is None:
        return np.full(len(found.rows), np.nan, np.float32)
    return around.spread(around.squared)
