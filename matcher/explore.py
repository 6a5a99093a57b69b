"""Exploration: on a small share of slates neighbours in the organic order change places by chance.

Otherwise nobody ever learns what a listing would have earned one place higher. Chance touches the
first page of the organic order alone, before any campaign is looked at, and is kept small:

    1. the slate is explored, with the slate's share as chance; else it stands as it is;
    2. its places are cut into neighbourhoods of 2 (adjacent swaps) or of ``SHUFFLED`` (small
       shuffles), each kind with chance 1/2, the first cut anywhere, each with the same chance;
    3. in each neighbourhood the listings of one standing are shuffled, every order alike.

Listings of one standing have the same credential, warnings, fit of format, certainty and distance
as far as a rule of relevance may ask. So a listing never comes before one that it must not come
before, and each place shows what it would have shown: nothing is lifted that has a warning.

Everything is a function of the standings, the share and a seed; the probability of each place and
of the whole order is exact, summed over all that could have been drawn.
"""

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import lcm

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from matcher.organic import OrganicList
from matcher.score import Ranked
from matcher.standing import Standings
from models.domain.matching import PAGE_SIZE, SEEDS, Slate, Sort

SHUFFLED = 5


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the first m organic places stand.

    ``order``: for each place, counting from 0, the place that who stands there has in the plain
    order. ``propensities``: the probability that who stands there stands there. ``propensity``:
    that all stand as they do.
    """

    order: tuple[int, ...] = ()
    propensities: tuple[float, ...] = ()
    propensity: float = 1.0
    explored: bool = False

    def propensities_of(self, organic: Sequence[int]) -> list[float]:
        """The probability of each of some organic places; chance touches the first page's only."""
        known, touched = self.propensities, len(self.propensities)
        return [known[place - 1] if place <= touched else 1.0 for place in organic]

    def plain_positions(self, organic: Sequence[int]) -> list[int | None]:
        """Each organic place, had chance drawn nothing; None where that is the same."""
        if not self.explored:
            return [None] * len(organic)
        return [self._moved_from(place) for place in organic]

    def _moved_from(self, place: int) -> int | None:
        plain = self.order[place - 1] + 1 if place <= len(self.order) else place
        return None if plain == place else plain


PLAIN = Arrangement()


class Rearranged(OrganicList):
    """An organic order whose first places stand otherwise."""

    def __init__(self, plain: OrganicList, first: Sequence[int], order: Sequence[int]) -> None:
        """Put who has the places ``order`` names among the ``first`` into the first places."""
        self._plain = plain
        self._first = [first[place] for place in order]
        self._places = {candidate: place for place, candidate in enumerate(self._first, 1)}

    @override
    def page(self, number: int) -> list[int]:
        return self._plain.page(number) if number else self._first

    @override
    def positions(self, candidates: Sequence[int]) -> list[int]:
        others = [one for one in candidates if one not in self._places]
        found = self._places | dict(zip(others, self._plain.positions(others), strict=True))
        return [found[one] for one in candidates]


def explore(
    standings: Standings, ranked: Ranked, organic: OrganicList, slate: Slate
) -> tuple[OrganicList, Arrangement]:
    """Let chance have its share of a slate; a sort that was chosen binds it too."""
    if not slate.explore_share or slate.answers.sort is not Sort.RELEVANCE:
        return organic, PLAIN
    first = organic.first(PAGE_SIZE)
    standing = standings.of(ranked, first, field_named=bool(slate.answers.fields))
    drawn = arrange(standing, slate.explore_share, slate.explore_seed)
    return Rearranged(organic, first, drawn.order) if drawn.explored else organic, drawn


def arrange(standing: NDArray[np.int64], share: float, seed: int) -> Arrangement:
    """Draw how the first organic places stand.

    Args:
        standing: of who has each place in the plain order, shape (m,), m at most a page.
        share: of slates that are explored, 0 to 1.
        seed: the only source of chance, evenly spread below ``SEEDS``.
    """
    if seed >= int(share * SEEDS):
        return _as_it_is(standing.tobytes(), share)
    words = _words(seed)
    cut = _CUTS[_CUT_OF[next(words) % len(_CUT_OF)]]
    return _explored(standing, np.array(_shuffled(standing, cut, words), np.int64), share)


@lru_cache(maxsize=1024)
def _as_it_is(standing: bytes, share: float) -> Arrangement:
    parts, orders = _chances(np.frombuffer(standing, np.int64))
    stays = [(1 - share) + share * (part / _WHOLE) for part in parts.tolist()]
    plain = (1 - share) + share * _mean(orders, [True] * len(_CUTS))
    return Arrangement(tuple(range(len(stays))), tuple(stays), plain)


def _explored(standing: NDArray[np.int64], order: NDArray[np.int64], share: float) -> Arrangement:
    places = np.arange(len(order))
    # For every way to cut: whether who stands at a place may have come there.
    may = _CUTS[:, places, order]
    parts, orders = _chances(standing, may.T)
    plain = order == places
    chances = [
        (1 - share) * stays + share * (part / _WHOLE)
        for stays, part in zip(plain.tolist(), parts.tolist(), strict=True)
    ]
    drawn = _mean(orders, [bool(row.all()) for row in may])
    chance = (1 - share) * bool(plain.all()) + share * drawn
    return Arrangement(tuple(order.tolist()), tuple(chances), chance, explored=True)


def _cuts() -> NDArray[np.bool_]:
    """Which places are in one neighbourhood, for every way to cut: shape (cuts, page, page)."""
    place = np.arange(PAGE_SIZE)
    blocks = [(place - first) // size for size in (2, SHUFFLED) for first in range(size)]
    return np.array([block[:, None] == block for block in blocks])


_CUTS = _cuts()
# In how many of so many draws each cut comes: half of them pairs.
_OFTEN = np.array([SHUFFLED] * 2 + [2] * SHUFFLED)
_CUT_OF = np.repeat(np.arange(len(_CUTS)), _OFTEN).tolist()
# The chance of one place among so many, in parts of a whole number.
_PARTS = lcm(*range(1, SHUFFLED + 1))
_PART = np.array([0, *(_PARTS // count for count in range(1, SHUFFLED + 1))])
_WHOLE = len(_CUT_OF) * _PARTS
# By place, other place and cut: whether both are neighbours; then, whether the other comes first.
_COUNTED = np.concatenate([_CUTS, _CUTS & np.tri(PAGE_SIZE, dtype=np.bool_)]).transpose(1, 2, 0)
_COUNTED = np.ascontiguousarray(_COUNTED, np.float64)


def _chances(
    standing: NDArray[np.int64], may: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], list[float]]:
    """Count for m places what the ways to cut, k of them, make likely.

    Args:
        standing: shape (m,).
        may: whether a cut lets a place be had by who has it, shape (m, k); all when None.

    Returns:
        The chance of who stands at each place to stand there, in parts of ``_WHOLE``; for every
        cut, how many orders of all places it can make.
    """
    m = len(standing)
    alike = (standing[:, None] == standing).astype(np.float64)
    counts = np.matmul(alike[:, None], _COUNTED[:m, :m])[:, 0].astype(np.int64)
    parts = _PART.take(counts[:, : len(_CUTS)])
    if may is not None:
        parts *= may
    # Each one's number in its group, multiplied, is the number of orders of all groups.
    return parts @ _OFTEN, counts[:, len(_CUTS) :].prod(axis=0).tolist()


def _mean(orders: Sequence[float], may: Sequence[bool]) -> float:
    """The chance of one order, given how many each cut can make and which can make it."""
    often = _OFTEN.tolist()
    chances = zip(often, orders, may, strict=True)
    return sum((times / (len(_CUT_OF) * count) for times, count, can in chances if can), 0.0)


def _shuffled(
    standing: NDArray[np.int64], cut: NDArray[np.bool_], words: Iterator[int]
) -> list[int]:
    """Shuffle each group of neighbours of one standing: every order is as likely as any other."""
    order = list(range(len(standing)))
    for place in order.copy():
        group = np.flatnonzero(cut[place, : len(order)] & (standing == standing[place])).tolist()
        # Each group once, at its first place.
        for left in range(len(group), 1, -1) if group[0] == place else ():
            one, other = group[left - 1], group[next(words) % left]
            order[one], order[other] = order[other], order[one]
    return order


def _words(seed: int) -> Iterator[int]:
    """Whole numbers of 64 bits, evenly spread, that follow from a seed on any machine."""
    for count in itertools.count():
        digest = hashlib.sha256(b"explore %d %d" % (seed, count)).digest()
        for at in range(0, 32, 8):
            yield int.from_bytes(digest[at : at + 8], "big")
