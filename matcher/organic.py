"""The organic order: by score, with no school filling a page. No campaign is an input here."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from models.domain.matching import PAGE_SIZE

# A school's third listing on a page moves to the next page.
LISTINGS_PER_SCHOOL = 2


def organic_order(
    best_first: Iterator[int], school: Sequence[int], tier: Sequence[int] | None, *, spread: bool
) -> Iterator[int]:
    """Yield candidates in organic order, page after page.

    Listings that moved come first on the next page, in their order, under the same rule. When
    nothing else is left to fill a page, they fill it: no page is short but the last. They never
    move behind a higher tier: what is published stays before what is not.

    Args:
        best_first: candidates by tier and score.
        school: the school of each candidate.
        tier: how much of what was asked is not published of each, or None for nothing.
        spread: False under a chosen sort, which binds everyone to the last place.
    """
    if not spread:
        yield from best_first
        return
    pages = _Pages(school)
    if tier is None:
        yield from pages.spread(best_first)
        return
    for _, group in groupby(best_first, key=tier.__getitem__):
        yield from pages.spread(group)


class _Pages:
    """The page being filled: what room it has, and how often each school stands on it."""

    def __init__(self, school: Sequence[int]) -> None:
        self.school = school
        self.room = PAGE_SIZE
        self.standing: Counter[int] = Counter()

    def spread(self, candidates: Iterator[int]) -> Iterator[int]:
        """Yield candidates, page after page, until none is left."""
        waiting: list[int] = []
        while True:
            moved: list[int] = []
            for source in (iter(waiting), candidates):
                while self.room and (candidate := next(source, None)) is not None:
                    if self._take(candidate):
                        yield candidate
                    else:
                        moved.append(candidate)
                if source is not candidates:
                    moved.extend(source)
            yield from moved[: self.room]
            waiting, left = moved[self.room :], self.room - len(moved)
            if left > 0:
                self.room = left
                return
            self.room = PAGE_SIZE
            self.standing.clear()

    def _take(self, candidate: int) -> bool:
        school = self.school[candidate]
        if self.standing[school] == LISTINGS_PER_SCHOOL:
            return False
        self.standing[school] += 1
        self.room -= 1
        return True


class OrganicList:
    """The organic order, drawn only as far as it is asked for; positions count from 1."""

    def __init__(self, order: Iterator[int]) -> None:
        self._order = order
        self._drawn: list[int] = []
        self._position: dict[int, int] = {}

    def at(self, position: int) -> int | None:
        """The candidate at a position, or None after the end."""
        while len(self._drawn) < position and self._draw():
            pass
        return self._drawn[position - 1] if position <= len(self._drawn) else None

    def first(self, count: int) -> list[int]:
        """The first candidates."""
        self.at(count)
        return self._drawn[:count]

    def position(self, candidate: int) -> int:
        """Where a candidate stands."""
        while candidate not in self._position and self._draw():
            pass
        return self._position[candidate]

    def stands_within(self, candidate: int, position: int) -> bool:
        """Whether a candidate stands at or above a position, drawing no further than it."""
        self.at(position)
        place = self._position.get(candidate)
        return place is not None and place <= position

    def _draw(self) -> bool:
        candidate = next(self._order, None)
        if candidate is None:
            return False
        self._drawn.append(candidate)
        self._position[candidate] = len(self._drawn)
        return True
