"""The organic order: by score, with no school filling a page. No campaign is an input here.

A school's third listing on a page moves to the next page, where the moved ones come first, in their
order, under the same rule. When nothing else is left to fill a page, they fill it: no page is short
but the last. They never move behind a higher tier: what is published stays before what is not.
"""

import numpy as np
from numpy.typing import NDArray

from matcher.score import Ranked
from models.domain.matching import PAGE_SIZE

LISTINGS_PER_SCHOOL = 2


class OrganicList:
    """The organic order, drawn page by page as far as it is asked for; positions count from 1.

    Pages are lists of candidates; None stands for a page that shows the order of scores as it is.
    """

    def __init__(self, ranked: Ranked, *, spread: bool) -> None:
        """Start before the first page; ``spread`` is False under a sort, which binds everyone."""
        self._ranked = ranked
        self._spread = spread
        self._walk = _Walk(ranked)
        self._crowded = _Crowded(ranked)
        self._pages: list[list[int] | None] = []
        self._position: dict[int, int] = {}

    def at(self, position: int) -> int | None:
        """The candidate at a position, or None after the end."""
        if position > self._ranked.count:
            return None
        number, place = divmod(position - 1, PAGE_SIZE)
        while self._spread and len(self._pages) <= number:
            self._draw_page()
        page = self._pages[number] if self._spread else None
        return self._ranked.at(position - 1) if page is None else page[place]

    def first(self, count: int) -> list[int]:
        """The first candidates."""
        found = (self.at(position) for position in range(1, count + 1))
        return [candidate for candidate in found if candidate is not None]

    def position(self, candidate: int) -> int:
        """Where a candidate stands.

        Pages that no school crowds are not drawn: there it stands where its score puts it.
        """
        rank = self._ranked.rank_of(candidate)
        if not self._spread:
            return rank + 1
        target = rank // PAGE_SIZE
        while candidate not in self._position:
            if target < len(self._pages) and self._pages[target] is None:
                return rank + 1
            crowded = self._crowded.next(len(self._pages), target)
            if self._walk.waiting or crowded == len(self._pages):
                self._draw_page()
            else:
                self._pages.extend([None] * (crowded - len(self._pages)))
                self._walk.taken = len(self._pages) * PAGE_SIZE
        return self._position[candidate]

    def _draw_page(self) -> None:
        first = len(self._pages) * PAGE_SIZE + 1
        page = self._walk.next_page()
        self._pages.append(page)
        self._position.update(zip(page, range(first, first + PAGE_SIZE), strict=False))


class _Walk:
    """Fills pages: what of the order of scores is ``taken``, and who is ``waiting`` to stand."""

    def __init__(self, ranked: Ranked) -> None:
        self.ranked = ranked
        self.school = ranked.found.school
        self.tier = ranked.found.tier
        self.taken = 0
        self.waiting: list[int] = []

    def next_page(self) -> list[int]:
        """Fill a page, tier by tier."""
        page: list[int] = []
        standing: dict[int, int] = {}
        while True:
            moved = self._fill(page, standing)
            room = PAGE_SIZE - len(page)
            page += moved[:room]
            self.waiting = moved[room:]
            if len(page) == PAGE_SIZE or self.taken >= self.ranked.count:
                return page

    def _fill(self, page: list[int], standing: dict[int, int]) -> list[int]:
        """Let those waiting and then the next of their tier stand; return who may not."""
        moved: list[int] = []
        waiting, self.waiting = self.waiting, []
        tier = self._tier(waiting[0] if waiting else self.ranked.at(self.taken))
        for place, candidate in enumerate(waiting):
            if len(page) == PAGE_SIZE:
                moved += waiting[place:]
                break
            self._stand(candidate, page, standing, moved)
        while len(page) < PAGE_SIZE and self.taken < self.ranked.count:
            candidate = self.ranked.at(self.taken)
            if self._tier(candidate) != tier:
                break
            self.taken += 1
            self._stand(candidate, page, standing, moved)
        return moved

    def _stand(
        self, candidate: int, page: list[int], standing: dict[int, int], moved: list[int]
    ) -> None:
        school = self.school.item(candidate)
        count = standing.get(school, 0)
        if count == LISTINGS_PER_SCHOOL:
            moved.append(candidate)
        else:
            standing[school] = count + 1
            page.append(candidate)

    def _tier(self, candidate: int) -> int:
        return 0 if self.tier is None else self.tier.item(candidate)


class _Crowded:
    """Which pages of the order of scores hold a school more often than it may stand."""

    def __init__(self, ranked: Ranked) -> None:
        self._ranked = ranked
        self._known = 0
        self._pages: NDArray[np.int64] = np.empty(0, np.int64)

    def next(self, page: int, last: int) -> int:
        """The first crowded page from a page to a last one; the one after that where none is."""
        if self._known <= last:
            first = self._ranked.first((last + 1) * PAGE_SIZE)
            self._known = max(len(first) // PAGE_SIZE, last + 1)
            self._pages = _crowded_pages(self._ranked.found.school.take(first))
        place = int(np.searchsorted(self._pages, page))
        found = int(self._pages[place]) if place < len(self._pages) else last + 1
        return min(found, last + 1)


def _crowded_pages(school: NDArray[np.int32]) -> NDArray[np.int64]:
    """The pages, rising, of listings of these schools that hold one more often than it may."""
    # Sorted by school, each one's listings in their order: those with the last but one beside it.
    key = np.sort(school.astype(np.int64) * len(school) + np.arange(len(school)))
    schools, pages = key // len(school), key % len(school) // PAGE_SIZE
    apart = LISTINGS_PER_SCHOOL
    same = (schools[apart:] == schools[:-apart]) & (pages[apart:] == pages[:-apart])
    return np.unique(pages[apart:][same])
