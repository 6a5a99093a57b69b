"""The organic order: by score, with no school filling a page. No campaign is an input here."""

from collections import Counter
from collections.abc import Iterator, Sequence

from models.domain.matching import PAGE_SIZE

# A school's third listing on a page moves to the next page.
LISTINGS_PER_SCHOOL = 2


def organic_order(
    best_first: Iterator[int], school: Sequence[int], *, spread: bool
) -> Iterator[int]:
    """Yield candidates in organic order, page after page.

    Listings that moved come first on the next page, in their order, under the same rule. When
    nothing else is left to fill a page, they fill it: no page is short but the last.

    Args:
        best_first: candidates by score.
        school: the school of each candidate.
        spread: False under a chosen sort, which binds everyone to the last place.
    """
    if not spread:
        yield from best_first
        return
    waiting: list[int] = []
    while True:
        page, waiting = _fill_page(best_first, school, waiting)
        if not page:
            return
        yield from page


def _fill_page(
    best_first: Iterator[int], school: Sequence[int], waiting: list[int]
) -> tuple[list[int], list[int]]:
    """Fill one page; return it and the listings that move on."""
    page: list[int] = []
    moved: list[int] = []
    shown: Counter[int] = Counter()
    for source in (iter(waiting), best_first):
        while len(page) < PAGE_SIZE and (candidate := next(source, None)) is not None:
            room = shown[school[candidate]] < LISTINGS_PER_SCHOOL
            shown[school[candidate]] += room
            (page if room else moved).append(candidate)
        if source is not best_first:
            moved.extend(source)
    short = PAGE_SIZE - len(page)
    return page + moved[:short], moved[short:]


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

    def _draw(self) -> bool:
        candidate = next(self._order, None)
        if candidate is None:
            return False
        self._drawn.append(candidate)
        self._position[candidate] = len(self._drawn)
        return True
