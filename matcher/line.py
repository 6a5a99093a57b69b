"""Who stands in line for the pages of the organic order, and the walk that fills them.

A line is known by its schools and tiers alone, in the order of scores: that is all the rule of
pages looks at. Ranks count from 0.
"""

from bisect import bisect_right
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.mixed import LISTINGS_PER_SCHOOL
from matcher.score import Ranked

# So many schools are read at once: a first page seldom takes more.
_AHEAD = 64
# Of so many the candidates are looked up: most searches look at a page or two.
_NEAR = 100
_MORE = 512


class Line:
    """A ranking without those who stand already."""

    def __init__(self, ranked: Ranked, standing: list[int]) -> None:
        self.count = ranked.count - len(standing)
        self._ranked = ranked
        self._standing = np.array(standing, np.int64)
        # As far as anybody looked.
        self._first: NDArray[np.int64] = self._standing[:0]
        self._schools: NDArray[np.integer[Any]] = self._standing[:0]
        self._ends = _tier_ends(ranked, self._standing)

    def first(self, count: int) -> NDArray[np.int64]:
        """The first candidates in order, as many or more."""
        if not len(self._standing):
            return self._ranked.first(count)
        if len(self._first) < min(count, self.count):
            order, found = self._ranked.order, self._ranked.first(count + len(self._standing))
            self._first = found[_others(order.take(found), order.take(self._standing))]
        return self._first

    def schools(self, count: int) -> NDArray[np.integer[Any]]:
        """The schools of the first in order, as many or more."""
        if len(self._schools) < min(count, self.count):
            if count <= _NEAR:
                self._schools = self._ranked.found.school.take(self.first(count))
            else:
                enough = _MORE
                while enough < count:
                    enough *= 2
                order = self._ranked.leading(enough + len(self._standing))
                others = _others(order, self._ranked.order.take(self._standing))
                self._schools = self._ranked.schools(order[others])
        return self._schools

    def rank_of(self, candidate: int) -> int:
        """How many come before one."""
        rank = self._ranked.rank_of(candidate)
        if not len(self._standing):
            return rank
        order = self._ranked.order
        return rank - int(np.count_nonzero(order.take(self._standing) < order[candidate]))

    def tier_end(self, rank: int) -> int:
        """The first rank of a later tier than that of a rank."""
        return self._ends[bisect_right(self._ends, rank)]


def _others(rising: NDArray[np.int64], some: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of rising numbers are none of some others, whose smallest are among them."""
    others = np.ones(len(rising) + 1, np.bool_)
    others[rising.searchsorted(some)] = False
    return others[:-1]


def _tier_ends(ranked: Ranked, standing: NDArray[np.int64]) -> list[int]:
    tier = ranked.found.tier
    if tier is None:
        return [ranked.count - len(standing)]
    counts = np.bincount(tier) - np.bincount(
        tier.take(standing), minlength=int(tier.max(initial=0)) + 1
    )
    return [*accumulate(counts.tolist())]


class Walk:
    """Fills pages: what of the line is ``taken``, and who is ``waiting``: ranks and schools."""

    def __init__(self, line: Line, taken: int = 0) -> None:
        """Begin where so many are taken and nobody waits."""
        self.taken = taken
        self.waiting: list[tuple[int, int]] = []
        self._line = line
        self._tier_end = 0
        self._ahead: list[int] = []
        self._start = 0

    def next_page(self, room: int, standing: dict[int, int]) -> list[int]:
        """Fill a page tier by tier; ``standing`` counts the schools that stand there already.

        Returns:
            Who may stand, as ranks: as many as there is room for, fewer when nobody is left.
        """
        page: list[int] = []
        while len(page) < room and (self.waiting or self.taken < self._line.count):
            if not self.waiting:
                self._tier_end = self._line.tier_end(self.taken)
            moved = self._let_stand(page, room, standing)
            while len(page) < room and self.taken < self._tier_end:
                self._take(page, room, standing, moved)
            free = room - len(page)
            page += [rank for rank, _ in moved[:free]]
            self.waiting = moved[free:]
        return page

    def _let_stand(
        self, page: list[int], room: int, standing: dict[int, int]
    ) -> list[tuple[int, int]]:
        """Let those waiting stand; return who may not, or finds no room."""
        moved: list[tuple[int, int]] = []
        for place, one in enumerate(self.waiting):
            if len(page) == room:
                return moved + self.waiting[place:]
            count = standing.get(one[1], 0)
            standing[one[1]] = count + 1
            if count < LISTINGS_PER_SCHOOL:
                page.append(one[0])
            else:
                moved.append(one)
        return moved

    def _take(
        self,
        page: list[int],
        room: int,
        standing: dict[int, int],
        moved: list[tuple[int, int]],
    ) -> None:
        """Take what was read ahead of the tier, until the page is full."""
        rank = self.taken
        place = rank - self._start
        if not 0 <= place < len(self._ahead):
            self._start, place = rank, 0
            self._ahead = self._line.schools(rank + _AHEAD)[rank : rank + _AHEAD].tolist()
        left = room - len(page)
        # Places far down are found by filling page after page: each step here counts.
        seen, stand = standing.get, page.append
        for school in self._ahead[place : self._tier_end - self._start]:
            count = seen(school, 0)
            standing[school] = count + 1
            if count < LISTINGS_PER_SCHOOL:
                stand(rank)
                left -= 1
                if not left:
                    rank += 1
                    break
            else:
                moved.append((rank, school))
            rank += 1
        self.taken = rank
