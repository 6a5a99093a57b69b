"""The organic order: by score, with no school filling a page. No campaign is an input here.

A school's third listing on a page moves to the next page, where the moved ones come first, in their
order, under the same rule. When nothing else is left to fill a page, they fill it: no page is short
but the last. They never move behind a higher tier: what is published stays before what is not.
Where no field was asked, ``mixed`` makes the first page, and the others go on with the rest.

Filling pages takes schools alone (``line``): who stands there is looked up for pages that are
shown. So where a listing far down stands is found without putting those above it in order twice.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
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
        self._far = _Places(self._line)
        # The first page where fields are mixed: the line goes on behind it.
        self._ahead = 1 if mixed else 0
        self._shown = {0: mixed} if mixed else {}
        # Pages of the line as ranks.
        self._pages: list[list[int]] = []

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

    def positions(self, candidates: Sequence[int]) -> list[int]:
        """Where candidates stand; the last of them is looked for first, as it leads past all."""
        ahead = self._shown[0] if self._ahead else []
        found = {one: ahead.index(one) + 1 for one in candidates if one in ahead}
        ranks = {one: self._line.rank_of(one) for one in candidates if one not in found}
        for one in sorted(ranks, key=ranks.__getitem__, reverse=True):
            place = self._far.of(ranks[one]) if self._spread else ranks[one]
            found[one] = self._ahead * PAGE_SIZE + place + 1
        return [found[one] for one in candidates]

    def _read(self, number: int) -> list[int]:
        """Look up who stands on a page of the line."""
        first = number * PAGE_SIZE
        if first >= self._line.count:
            return []
        if self._spread:
            while len(self._pages) <= number:
                self._pages.append(self._walk.next_page(PAGE_SIZE, {}))
            ranks = self._pages[number]
            found = self._line.first(max(ranks) + 1).take(ranks)
        else:
            found = self._line.first(first + PAGE_SIZE)[first : first + PAGE_SIZE]
        page: list[int] = found.tolist()
        return page


def _mixed_page(ranked: Ranked) -> list[int]:
    """The first page where no field was asked, none where one was; full unless nothing is left."""
    chosen = mixed_page(ranked)
    if chosen and len(chosen) < min(PAGE_SIZE, ranked.count):
        line = Line(ranked, chosen)
        standing = Counter(ranked.found.school.take(chosen).tolist())
        more = Walk(line).next_page(PAGE_SIZE - len(chosen), standing)
        chosen += line.first(max(more, default=-1) + 1).take(more).tolist()
    return chosen


class _Places:
    """Finds where ranks of a line stand, counting from 0, without filling all pages above.

    Pages that no school crowds stand as the scores put them. So pages are filled from each crowded
    one to where nobody waits any more: between two such ``stretches`` every place is the rank.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        # Crowded pages, rising, of all pages before the one that is ``_looked`` at next.
        self._crowded: list[int] = []
        self._looked = 0
        # The pages of stretches, how many of the line are taken before each, and its number.
        self._pages: list[list[int]] = []
        self._taken: list[int] = []
        self._numbers: list[int] = []
        # Up to where pages are known.
        self._known = 0

    def of(self, rank: int) -> int:
        """The place of a rank."""
        target = rank // PAGE_SIZE
        while self._known <= target:
            self._next_stretch(target)
        at = bisect_left(self._numbers, target)
        if at == len(self._numbers) or self._numbers[at] != target:
            return rank
        # It was taken for this page or an earlier one; if it had to wait, it stands on a later one.
        at = bisect_right(self._taken, rank) - 1
        while rank not in self._pages[at]:
            at += 1
        return self._numbers[at] * PAGE_SIZE + self._pages[at].index(rank)

    def _next_stretch(self, target: int) -> None:
        """Fill pages from the next crowded one; a target before it shows that there is none."""
        number = self._next_crowded(target)
        if number > target:
            self._known = target + 1
            return
        walk = Walk(self._line, number * PAGE_SIZE)
        somebody_waits = True
        while somebody_waits:
            self._numbers.append(number)
            self._taken.append(walk.taken)
            self._pages.append(walk.next_page(PAGE_SIZE, {}))
            somebody_waits = bool(walk.waiting)
            number += 1
        self._known = number

    def _next_crowded(self, last: int) -> int:
        """The next crowded page up to a last one; the one after that where none is."""
        if self._looked <= last:
            schools = self._line.schools((last + 1) * PAGE_SIZE)
            self._looked = max(len(schools) // PAGE_SIZE, last + 1)
            self._crowded = _crowded_pages(schools)
        place = bisect_left(self._crowded, self._known)
        return self._crowded[place] if place < len(self._crowded) else last + 1


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
