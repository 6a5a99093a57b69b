"""The organic order: by score, with no school filling a page. No campaign is an input here.

A school's third listing on a page moves to the next page, where the moved ones come first, in their
order, under the same rule. When nothing else is left to fill a page, they fill it: no page is short
but the last. They never move behind a higher tier: what is published stays before what is not.
Where no field was asked, ``mixed`` makes the first page, and the others go on with the rest.

Filling pages takes schools alone (``line``): who stands there is looked up for pages that are
shown. So where a listing far down stands is found without putting those above it in order twice.
"""

from bisect import bisect_left
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.line import Line, Walk
from matcher.mixed import LISTINGS_PER_SCHOOL, mixed_page
from matcher.score import Ranked
from models.domain.matching import PAGE_SIZE


class OrganicList:
    """The organic order, drawn page by page as far as it is asked for; positions count from 1."""

    def __init__(self, ranked: Ranked, *, spread: bool) -> None:
        """Start before the first page; ``spread`` is False under a sort, which binds everyone."""
        self._spread = spread
        mixed = _mixed_page(ranked) if spread else []
        self._line = Line(ranked, mixed)
        self._walk = Walk(self._line)
        self._crowded = _Crowded(self._line)
        # The first page where fields are mixed: the line goes on behind it.
        self._ahead = 1 if mixed else 0
        self._shown = {0: mixed} if mixed else {}
        # Pages of the line as ranks; None: the order of scores as it is.
        self._pages: list[list[int] | None] = []
        self._page_of: dict[int, int] = {}

    def page(self, number: int) -> list[int]:
        """The candidates of a page, counting from 0; none after the end."""
        page = self._shown.get(number)
        if page is None:
            page = self._shown[number] = self._read(number - self._ahead)
        return page

    def at(self, position: int) -> int | None:
        """The candidate at a position, or None after the end."""
        number, place = divmod(position - 1, PAGE_SIZE)
        page = self.page(number)
        return page[place] if place < len(page) else None

    def first(self, count: int) -> list[int]:
        """The first candidates."""
        found: list[int] = []
        for number in range(-(-count // PAGE_SIZE)):
            found += self.page(number)
        return found[:count]

    def position(self, candidate: int) -> int:
        """Where a candidate stands.

        Pages that no school crowds are not drawn: there it stands where its score puts it.
        """
        if self._ahead and candidate in self._shown[0]:
            return self._shown[0].index(candidate) + 1
        rank = self._line.rank_of(candidate)
        if not self._spread:
            return rank + 1
        target = rank // PAGE_SIZE
        while rank not in self._page_of:
            if target < len(self._pages) and self._pages[target] is None:
                return self._ahead * PAGE_SIZE + rank + 1
            crowded = self._crowded.next(len(self._pages), target)
            if self._walk.waiting or crowded == len(self._pages):
                self._draw_page()
            else:
                self._pages.extend([None] * (crowded - len(self._pages)))
                self._walk.taken = len(self._pages) * PAGE_SIZE
        number = self._page_of[rank]
        place = (self._pages[number] or []).index(rank)
        return (self._ahead + number) * PAGE_SIZE + place + 1

    def _read(self, number: int) -> list[int]:
        """Look up who stands on a page of the line."""
        first = number * PAGE_SIZE
        if first >= self._line.count:
            return []
        while self._spread and len(self._pages) <= number:
            self._draw_page()
        ranks = self._pages[number] if self._spread else None
        if ranks is None:
            found = self._line.first(first + PAGE_SIZE)[first : first + PAGE_SIZE]
        else:
            found = self._line.first(max(ranks) + 1).take(ranks)
        page: list[int] = found.tolist()
        return page

    def _draw_page(self) -> None:
        page = self._walk.next_page(PAGE_SIZE, {})
        self._page_of.update(dict.fromkeys(page, len(self._pages)))
        self._pages.append(page)


def _mixed_page(ranked: Ranked) -> list[int]:
    """The first page where no field was asked, none where one was; full unless nothing is left."""
    chosen = mixed_page(ranked)
    if chosen and len(chosen) < min(PAGE_SIZE, ranked.count):
        line = Line(ranked, chosen)
        standing = Counter(ranked.found.school.take(chosen).tolist())
        more = Walk(line).next_page(PAGE_SIZE - len(chosen), standing)
        chosen += line.first(max(more, default=-1) + 1).take(more).tolist()
    return chosen


class _Crowded:
    """Which pages of the order of scores hold a school more often than it may stand."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._known = 0
        self._pages: list[int] = []

    def next(self, page: int, last: int) -> int:
        """The first crowded page from a page to a last one; the one after that where none is."""
        if self._known <= last:
            schools = self._line.schools((last + 1) * PAGE_SIZE)
            self._known = max(len(schools) // PAGE_SIZE, last + 1)
            self._pages = _crowded_pages(schools)
        place = bisect_left(self._pages, page)
        return min(self._pages[place], last + 1) if place < len(self._pages) else last + 1


def _crowded_pages(school: NDArray[np.integer[Any]]) -> list[int]:
    """The pages, rising, of listings of these schools that hold one more often than it may."""
    pages = len(school) // PAGE_SIZE + 1
    page = np.arange(len(school)) // PAGE_SIZE
    # Sorted by school, then page: those with the last but one beside it. Small numbers sort faster.
    key = school * np.int64(pages) + page
    key = np.sort(key.astype(np.min_scalar_type(key.max(initial=0))))
    apart = LISTINGS_PER_SCHOOL
    crowded = key[apart:][key[apart:] == key[:-apart]] % pages
    return sorted(set(crowded.tolist()))
