"""Scores candidates: two table look-ups and an addition, whole numbers throughout.

Every eligible candidate is scored. Candidates are then ordered by one packed number each: what is
not published, score, distance, and a fixed order of equals, in that order of weight. No campaign
is an input here, nor anywhere above.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.features.cross import cross_columns, squared_chords
from matcher.features.declared import CROSS, REQUEST
from matcher.features.pack import pack
from matcher.features.student import Student
from matcher.geography import EARTH_RADIUS_MILES
from matcher.index import CatalogIndex
from matcher.registry import Scores
from matcher.retrieve import Found
from models.domain.matching import Sort

# The packed order: tier 2 bits, falling score 28, miles 10, tie 22.
_TIE_BITS, _MILES_BITS, _SCORE_BITS = 22, 10, 28
_SCORE_CENTRE = 1 << (_SCORE_BITS - 1)
_NO_MILES = (1 << _MILES_BITS) - 1
_FIRST_CHUNK = 128


@dataclass(frozen=True, slots=True)
class Ranked:
    """Candidates of a search with their scores, n of each; ``order`` int64 (n,), least first."""

    found: Found
    scores: NDArray[np.int32]
    cross: NDArray[np.int32]
    order: NDArray[np.int64]

    def best_first(self) -> Iterator[int]:
        """Yield candidates (places in ``found.rows``) in order, sorting no more than is asked."""
        total, done, chunk = len(self.order), 0, _FIRST_CHUNK
        while done < total:
            upto = min(chunk, total)
            chosen = (
                np.argpartition(self.order, upto - 1)[:upto] if upto < total else np.arange(total)
            )
            chosen = chosen[np.argsort(self.order[chosen])]
            yield from chosen[done:upto].tolist()
            done, chunk = upto, chunk * 4


def rank(catalog: Catalog, index: CatalogIndex, scores: Scores, found: Found, sort: Sort) -> Ranked:
    """Score and order everything that was found.

    Under a chosen sort the sorted figure comes first, figures that are not published last, and
    the order by relevance decides between equals.
    """
    request = request_row(found.student)
    cross = pack(CROSS, cross_columns(catalog, found.student, found.rows))
    total = scores.program[request][found.rows] + scores.cross[request][cross]
    order = _by_relevance(catalog, index, found, total)
    if sort is not Sort.RELEVANCE:
        order = _by_figure(catalog, found, sort, order)
    return Ranked(found, total, cross, order)


def request_row(student: Student) -> int:
    """The row of a student's request in the score tables."""
    level, wish = student.codes
    return level * REQUEST[1].size + wish


def _by_relevance(
    catalog: Catalog, index: CatalogIndex, found: Found, scores: NDArray[np.int32]
) -> NDArray[np.int64]:
    order = np.subtract(_SCORE_CENTRE, scores, dtype=np.int64)
    if found.tier is not None:
        order += found.tier.astype(np.int64) << _SCORE_BITS
    order <<= _MILES_BITS
    order += _whole_miles(catalog, found)
    order <<= _TIE_BITS
    order += index.tie[found.rows]
    return order


def _whole_miles(catalog: Catalog, found: Found) -> NDArray[np.int64] | int:
    """Miles as the order sees them; the chord is near enough, and its root is exactly rounded."""
    origin = found.student.xyz
    if origin is None:
        return 0
    squared = squared_chords(catalog.xyz[found.school], origin)
    miles = np.sqrt(squared) * np.float32(EARTH_RADIUS_MILES)
    return np.fmin(miles, np.float32(_NO_MILES)).astype(np.int64)


def _by_figure(
    catalog: Catalog, found: Found, sort: Sort, order: NDArray[np.int64]
) -> NDArray[np.int64]:
    figure = _figure(catalog, found, sort)
    tier = found.tier if found.tier is not None else np.zeros(len(order), np.uint8)
    place = np.lexsort((order, np.where(np.isnan(figure), np.inf, figure), tier))
    by_figure = np.empty(len(order), np.int64)
    by_figure[place] = np.arange(len(order))
    return by_figure


def _figure(catalog: Catalog, found: Found, sort: Sort) -> NDArray[np.float32]:
    if sort is Sort.NET_PRICE:
        return catalog.net_price[found.school]
    if sort is Sort.EARNINGS:
        return -catalog.earnings[found.rows]
    origin = found.student.xyz
    if origin is None:
        return np.full(len(found.rows), np.nan, np.float32)
    return squared_chords(catalog.xyz[found.school], origin)
