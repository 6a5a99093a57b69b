"""Puts sponsored listings into the organic order, within published bounds.

The organic order is finished before this module sees a campaign; campaigns compete apart, in
``bids``. Then, place by place: never first on a page, at most one in any three consecutive places,
one a school a page, and in the first ten only while the steering index stays within its bound: a
bid that would break it is dropped from that place, and the next most valuable one tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from matcher.bids import Bid
from matcher.organic import OrganicList
from matcher.registry import ServedRanker
from matcher.score import Ranked
from matcher.steering import STEERING_DEPTH, least_gain, steering_index
from models.domain.matching import PAGE_SIZE

# At most one sponsored listing in any so many consecutive places.
SPACING = 3


@dataclass(frozen=True, slots=True)
class Placed:
    """A candidate in its place; ``bid`` says who put it there, None for organic ones."""

    candidate: int
    organic_position: int
    bid: Bid | None = None


class Allocation:
    """A slate being drawn, position after position: the organic order with bids put in."""

    def __init__(
        self, ranked: Ranked, ranker: ServedRanker, organic: OrganicList, bids: Sequence[Bid]
    ) -> None:
        self.organic = organic
        self.bids = bids
        self.shown: list[Placed] = []
        self._tier = ranked.found.tier
        # Only the first ten places count, and at most ten organic listings can be pushed out.
        head = organic.first(2 * STEERING_DEPTH)
        chances = ranker.calibration.probability(ranked.scores[head]).tolist()
        self._gain: dict[int, float] = dict(zip(head, chances, strict=True))
        self._gain.update({bid.candidate: bid.probability for bid in bids})
        self._head = head
        self._organic_gains = chances[:STEERING_DEPTH]
        self._next_organic = 1
        self._standing: set[int] = set()
        self._last_sponsored = -SPACING
        self._schools_on_page: set[int] = set()

    def draw(self, positions: int) -> None:
        """Fill positions up to a number, or to the end."""
        while len(self.shown) < positions:
            upcoming = self._upcoming()
            if upcoming is None:
                return
            if len(self.shown) % PAGE_SIZE == 0:
                self._schools_on_page.clear()
            bid = self._winner(upcoming) if self.bids else None
            if bid is None:
                self._stand(Placed(upcoming, self._next_organic))
                self._next_organic += 1
            else:
                self._stand(Placed(bid.candidate, self.organic.position(bid.candidate), bid))
                self._schools_on_page.add(bid.school)
                self._last_sponsored = len(self.shown)

    def steering_index(self) -> float:
        """What payment took from the first ten places: 0 is nothing."""
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

    def _winner(self, upcoming: int) -> Bid | None:
        position = len(self.shown) + 1
        if position % PAGE_SIZE == 1 or position - self._last_sponsored < SPACING:
            return None
        tier = self._tier_of(upcoming)
        for bid in self.bids:
            if self._is_free(bid, tier, position) and self._keeps_bound(bid, position):
                return bid
        return None

    def _is_free(self, bid: Bid, tier: int, position: int) -> bool:
        """Whether a bid may stand at a position, before an organic listing of a tier.

        A program whose organic place is here or above is not moved and not charged for; one whose
        format or place is not published never comes before one whose are.
        """
        return (
            bid.candidate not in self._standing
            and bid.school not in self._schools_on_page
            and bid.tier <= tier
            and not self.organic.stands_within(bid.candidate, position)
        )

    def _keeps_bound(self, bid: Bid, position: int) -> bool:
        """Whether the steering index stays within its bound with this bid in the next place."""
        if position > STEERING_DEPTH:
            return True
        below = [
            self._gain[candidate]
            for candidate in self._head[self._next_organic - 1 :]
            if candidate not in self._standing and candidate != bid.candidate
        ]
        return bid.probability >= least_gain(self._organic_gains, self._shown_gains(), below)

    def _shown_gains(self) -> list[float]:
        return [self._gain[placed.candidate] for placed in self.shown[:STEERING_DEPTH]]

    def _tier_of(self, candidate: int) -> int:
        return 0 if self._tier is None else int(self._tier[candidate])
