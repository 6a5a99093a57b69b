"""Puts sponsored listings into the organic order, within published bounds.

The organic order is finished before this module sees a campaign; campaigns compete apart, in
``bids``. Then, place by place: never first on a page, at most one in any three consecutive places,
one a school a page, and in the first ten only while the steering index stays within its bound: a
bid that would break it is dropped from that place, and the next most valuable one tried.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.bids import Bid, Bids, Head
from matcher.organic import OrganicList
from matcher.score import Ranked
from matcher.steering import STEERING_DEPTH, least_gain, steering_index
from models.domain.matching import PAGE_SIZE

Mask = NDArray[np.bool_]

# At most one sponsored listing in any so many consecutive places.
SPACING = 3
_NOT_TOLD_YET = 0


class Placed(NamedTuple):
    """A candidate in its place; ``bid`` says who put it there, None for organic ones."""

    candidate: int
    organic_position: int
    bid: Bid | None = None


class Allocation:
    """A slate being drawn, position after position: the organic order with bids put in."""

    def __init__(self, ranked: Ranked, organic: OrganicList, head: Head, bids: Bids) -> None:
        self.organic = organic
        self.bids = bids
        self.shown: list[Placed] = []
        self._tier = ranked.found.tier
        self._gain: dict[int, float] = dict(zip(head.candidates, head.asked, strict=True))
        self._head = head.candidates
        self._organic_gains = head.asked[:STEERING_DEPTH]
        self._next_organic = 1
        self._standing: set[int] = set()
        self._last_sponsored = -SPACING
        self._open = _OpenBids(bids, head.candidates)

    def draw(self, positions: int) -> None:
        """Fill positions up to a number, or to the end."""
        if not len(self.bids):
            self._draw_organic(positions)
            return
        first = len(self.shown)
        self._fill(positions)
        self._tell_positions(first)

    def _fill(self, positions: int) -> None:
        while len(self.shown) < positions:
            upcoming = self._upcoming()
            if upcoming is None:
                return
            if len(self.shown) % PAGE_SIZE == 0:
                self._open.begin_page()
            place = self._winner(upcoming)
            if place is None:
                self._stand(Placed(upcoming, self._next_organic))
                self._next_organic += 1
            else:
                bid = self.bids[place]
                self._gain[bid.candidate] = bid.probability
                self._stand(Placed(bid.candidate, _NOT_TOLD_YET, bid))
                self._open.take(place)
                self._last_sponsored = len(self.shown)

    def _tell_positions(self, first: int) -> None:
        """Tell where what was lifted, from a place on, stood: all are looked for at once."""
        shown = self.shown
        lifted = [place for place in range(first, len(shown)) if shown[place].bid]
        if not lifted:
            return
        told = self.organic.positions([shown[place].candidate for place in lifted])
        for place, position in zip(lifted, told, strict=True):
            shown[place] = shown[place]._replace(organic_position=position)

    def _draw_organic(self, positions: int) -> None:
        """Where nobody pays pages stand as they are; only the last may be short."""
        shown = self.shown
        while len(shown) < positions and len(shown) % PAGE_SIZE == 0:
            page = self.organic.page(len(shown) // PAGE_SIZE)
            if not page:
                return
            shown += map(Placed, page, range(len(shown) + 1, len(shown) + 1 + len(page)))

    def steering_index(self) -> float:
        """What payment took from the first ten places: 0 is nothing."""
        if not len(self.bids):
            return 0.0
        self.draw(STEERING_DEPTH)
        return steering_index(self._organic_gains, self._shown_gains())

    def _stand(self, placed: Placed) -> None:
        self.shown.append(placed)
        self._standing.add(placed.candidate)

    def _upcoming(self) -> int | None:
        """The next organic candidate that no campaign has already shown."""
        while (candidate := self.organic.at(self._next_organic)) in self._standing:
            self._next_organic += 1
        return candidate

    def _winner(self, upcoming: int) -> int | None:
        """The place in ``bids`` of the most valuable one that may stand in the next position.

        A program whose organic place is there or above is not moved and not charged for; one whose
        format or place is not published never comes before one whose are.
        """
        position = len(self.shown) + 1
        if position % PAGE_SIZE == 1 or position - self._last_sponsored < SPACING:
            return None
        bids = self._open
        bids.close_organic(self.organic, position)
        free = bids.free_up_to(self._tier_of(upcoming))
        place = int(free.argmax())
        if not free.item(place):
            return None
        if position <= STEERING_DEPTH:
            # What is needed depends on the bid only where it would itself be pushed down.
            chance = bids.bids.probability
            enough = chance >= self._least_gain(None)
            for place, candidate in bids.in_head:
                if free[place]:
                    enough[place] = chance[place] >= self._least_gain(candidate)
            enough &= free
            place = int(enough.argmax())
            if not enough.item(place):
                return None
        return place

    def _least_gain(self, lifted: int | None) -> float:
        """The least gain of the next place that keeps the steering index within its bound."""
        below = [
            self._gain[candidate]
            for candidate in self._head[self._next_organic - 1 :]
            if candidate not in self._standing and candidate != lifted
        ]
        return least_gain(self._organic_gains, self._shown_gains(), below)

    def _shown_gains(self) -> list[float]:
        return [self._gain[placed.candidate] for placed in self.shown[:STEERING_DEPTH]]

    def _tier_of(self, candidate: int) -> int:
        return 0 if self._tier is None else self._tier.item(candidate)


class _OpenBids:
    """Which bids may still stand, and which of them on this page."""

    def __init__(self, bids: Bids, head: Sequence[int]) -> None:
        self.bids = bids
        # The bid for a candidate.
        self._place = {candidate: place for place, candidate in enumerate(bids.candidate.tolist())}
        self.in_head = [(self._place[one], one) for one in head if one in self._place]
        self._left = np.ones(len(bids), bool)
        self._on_page = self._left.copy()
        self._closed = 0

    def begin_page(self) -> None:
        """A school may stand once a page."""
        self._on_page = self._left.copy()

    def close_organic(self, organic: OrganicList, position: int) -> None:
        """Close the bids for programs whose organic place is a position or above."""
        while self._closed < position:
            self._closed += 1
            candidate = organic.at(self._closed)
            place = None if candidate is None else self._place.get(candidate)
            if place is not None:
                self._left[place] = self._on_page[place] = False

    def take(self, place: int) -> None:
        """Place a bid: its school stands on this page, its program is shown."""
        self._left[place] = False
        self._on_page &= self.bids.school != self.bids.school[place]

    def free_up_to(self, tier: int) -> Mask:
        """The bids free to stand before an organic listing of a tier."""
        free, tiers = self._on_page, self.bids.tier
        return free if tiers is None else free & (tiers <= tier)
