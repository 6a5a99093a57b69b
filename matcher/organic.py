"""The organic order: by score, with no school filling a page. No campaign is an input here.

A school's third listing on a page moves to the next page, where the moved ones come first, in their
order, under the same rule. When nothing else is left to fill a page, they fill it: no page is short
but the last. They never move behind a higher tier: what is published stays before what is not.
Where no field was asked, ``mixed`` makes the first page.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.mixed import LISTINGS_PER_SCHOOL, mixed_page
from matcher.score import Ranked
from models.domain.matching import PAGE_SIZE

# So many candidates are read at once: a first page seldom takes more.
_AHEAD = 64


class OrganicList:
    """The organic order, drawn page by page as far as it is asked for; positions count from 1.

    Pages are lists of candidates; None stands for a page that shows the order of scores as it is.
    """

    def __init__(self, ranked: Ranked, *, spread: bool) -> None:
        """Start before the first page; ``spread`` is False under a sort, which binds everyone."""
        self._spread = spread
        self._mixed = _mixed_page(ranked) if spread else []
        self._queue = _Rest(ranked, self._mixed) if self._mixed else ranked
        self._walk = _Walk(self._queue)
        self._crowded = _Crowded(self._queue)
        self._pages: list[list[int] | None] = []
        self._position = {candidate: place for place, candidate in enumerate(self._mixed, 1)}

    def at(self, position: int) -> int | None:
        """The candidate at a position, or None after the end."""
        if position <= len(self._mixed):
            return self._mixed[position - 1]
        rank = position - 1 - len(self._mixed)
        if rank >= self._queue.count:
            return None
        number, place = divmod(rank, PAGE_SIZE)
        while self._spread and len(self._pages) <= number:
            self._draw_page()
        page = self._pages[number] if self._spread else None
        return self._queue.at(rank) if page is None else page[place]

    def first(self, count: int) -> list[int]:
        """The first candidates."""
        if count <= len(self._mixed):
            return self._mixed[:count]
        if count <= PAGE_SIZE and self.at(1) is not None and self._pages and self._pages[0]:
            return self._pages[0][:count]
        found = (self.at(position) for position in range(1, count + 1))
        return [candidate for candidate in found if candidate is not None]

    def position(self, candidate: int) -> int:
        """Where a candidate stands.

        Pages that no school crowds are not drawn: there it stands where its score puts it.
        """
        if candidate in self._position:
            return self._position[candidate]
        rank = self._queue.rank_of(candidate)
        if not self._spread:
            return rank + 1
        target = rank // PAGE_SIZE
        while candidate not in self._position:
            if target < len(self._pages) and self._pages[target] is None:
                return len(self._mixed) + rank + 1
            crowded = self._crowded.next(len(self._pages), target)
            if self._walk.waiting or crowded == len(self._pages):
                self._draw_page()
            else:
                self._pages.extend([None] * (crowded - len(self._pages)))
                self._walk.taken = len(self._pages) * PAGE_SIZE
        return self._position[candidate]

    def _draw_page(self) -> None:
        first = len(self._mixed) + len(self._pages) * PAGE_SIZE + 1
        page = self._walk.next_page([])
        self._pages.append(page)
        self._position.update(zip(page, range(first, first + PAGE_SIZE), strict=False))


def _mixed_page(ranked: Ranked) -> list[int]:
    """The first page where no field was asked, none where one was; full unless nothing is left."""
    chosen = mixed_page(ranked)
    if chosen and len(chosen) < min(PAGE_SIZE, ranked.count):
        return _Walk(_Rest(ranked, chosen)).next_page(chosen)
    return chosen


class _Rest:
    """What is left of a ranking once some of its candidates stand."""

    def __init__(self, ranked: Ranked, standing: list[int]) -> None:
        self.found = ranked.found
        self.count = ranked.count - len(standing)
        self._ranked = ranked
        self._standing = np.array(standing)
        # Of those that stand, as far as they were met.
        self._ranks = self._standing[:0]
        self._sorted = self._standing[:0]

    def at(self, rank: int) -> int:
        """The candidate at a rank, counting from 0."""
        return self.first(rank + 1).item(rank)

    def first(self, count: int) -> NDArray[np.int64]:
        """The first of them in order, as many or more."""
        if len(self._sorted) < min(count, self.count):
            found = self._ranked.first(count + len(self._standing))
            if len(self._ranks) < len(self._standing):
                self._ranks = np.flatnonzero(np.isin(found, self._standing))
            self._sorted = np.delete(found, self._ranks)
        return self._sorted

    def rank_of(self, candidate: int) -> int:
        """How many of them come before one."""
        order = self._ranked.order
        before = int(np.count_nonzero(order.take(self._standing) < order[candidate]))
        return self._ranked.rank_of(candidate) - before


class _Walk:
    """Fills pages: what of the order of scores is ``taken``, and who is ``waiting`` to stand.

    Candidates and their schools are read ahead as lists, which cost a tenth of reading one by one.
    """

    def __init__(self, ranked: "Ranked | _Rest") -> None:
        self.taken = 0
        self.waiting: list[tuple[int, int]] = []
        self._ranked = ranked
        self._waiting_tier: int | None = 0
        self._ahead: list[tuple[int, int]] = []
        self._tiers: list[int] | None = None
        self._start = 0

    def next_page(self, begun: Sequence[int]) -> list[int]:
        """Fill a page, tier by tier, after those who stand there already."""
        page = list(begun)
        standing: dict[int, int] = {}
        if page:
            standing.update(Counter(self._ranked.found.school.take(page).tolist()))
        while True:
            moved = self._fill(page, standing)
            room = PAGE_SIZE - len(page)
            page += [candidate for candidate, _ in moved[:room]]
            self.waiting = moved[room:]
            if len(page) == PAGE_SIZE or self.taken >= self._ranked.count:
                return page

    def _fill(self, page: list[int], standing: dict[int, int]) -> list[tuple[int, int]]:
        """Let those waiting and then the next of their tier stand; return who may not."""
        waiting = self.waiting
        moved: list[tuple[int, int]] = []
        tier = self._waiting_tier if waiting else self._next_tier()
        self._waiting_tier = tier
        for place, (candidate, school) in enumerate(waiting):
            if len(page) == PAGE_SIZE:
                return moved + waiting[place:]
            if _may_stand(school, standing):
                page.append(candidate)
            else:
                moved.append((candidate, school))
        while len(page) < PAGE_SIZE and self._next_tier() == tier:
            self._take(page, standing, moved)
        return moved

    def _take(
        self, page: list[int], standing: dict[int, int], moved: list[tuple[int, int]]
    ) -> None:
        """Take what was read ahead of the next one's tier, until the page is full."""
        place = self.taken - self._start
        last = len(self._ahead)
        if self._tiers is not None:
            tier = self._tiers[place]
            last = next((at for at in range(place, last) if self._tiers[at] != tier), last)
        for candidate, school in self._ahead[place:last]:
            place += 1
            count = standing.get(school, 0)
            standing[school] = count + 1
            if count >= LISTINGS_PER_SCHOOL:
                moved.append((candidate, school))
                continue
            page.append(candidate)
            if len(page) == PAGE_SIZE:
                break
        self.taken = self._start + place

    def _next_tier(self) -> int | None:
        """The tier of the next candidate, None after the last."""
        place = self.taken - self._start
        if not 0 <= place < len(self._ahead):
            if self.taken >= self._ranked.count:
                return None
            self._look_ahead()
            place = 0
        return 0 if self._tiers is None else self._tiers[place]

    def _look_ahead(self) -> None:
        found, self._start = self._ranked.found, self.taken
        ahead = self._ranked.first(self.taken + _AHEAD)[self.taken : self.taken + _AHEAD]
        self._ahead = list(zip(ahead.tolist(), found.school.take(ahead).tolist(), strict=True))
        self._tiers = None if found.tier is None else found.tier.take(ahead).tolist()


def _may_stand(school: int, standing: dict[int, int]) -> bool:
    count = standing.get(school, 0)
    standing[school] = count + 1
    return count < LISTINGS_PER_SCHOOL


class _Crowded:
    """Which pages of the order of scores hold a school more often than it may stand."""

    def __init__(self, ranked: Ranked | _Rest) -> None:
        self._ranked = ranked
        self._known = 0
        self._pages: list[int] = []

    def next(self, page: int, last: int) -> int:
        """The first crowded page from a page to a last one; the one after that where none is."""
        if self._known <= last:
            first = self._ranked.first((last + 1) * PAGE_SIZE)
            self._known = max(len(first) // PAGE_SIZE, last + 1)
            self._pages = _crowded_pages(self._ranked.found.school.take(first)).tolist()
        place = bisect_left(self._pages, page)
        return min(self._pages[place], last + 1) if place < len(self._pages) else last + 1


def _crowded_pages(school: NDArray[np.int32]) -> NDArray[np.int64]:
    """The pages, rising, of listings of these schools that hold one more often than it may."""
    # Sorted by school, each one's listings in their order: those with the last but one beside it.
    key = np.sort(school.astype(np.int64) * len(school) + np.arange(len(school)))
    schools, pages = key // len(school), key % len(school) // PAGE_SIZE
    apart = LISTINGS_PER_SCHOOL
    same = (schools[apart:] == schools[:-apart]) & (pages[apart:] == pages[:-apart])
    return np.unique(pages[apart:][same])
