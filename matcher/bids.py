"""What campaigns bid for the programs found: expected value, above a reserve and a floor.

Expected value = P(accepted | shown) x price x pacing, in US cents an impression.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.chances import Chances
from matcher.index import CatalogIndex
from matcher.offers import Claims, covers, may_be_lifted, takes_all, worth
from matcher.organic import OrganicList
from matcher.registry import Scores
from matcher.score import Ranked, request_row
from matcher.steering import STEERING_DEPTH
from models.domain.matching import CampaignOffer

# An impression must be worth this many US cents at least: below it, a place is not for sale.
RESERVE_CENTS = 1.0
# A sponsored listing's P(request) against that of the tenth organic one.
RELEVANCE_FLOOR = 0.5


@dataclass(frozen=True, slots=True)
class Bid:
    """A program that a campaign would pay for: ``value`` in US cents an impression.

    ``probability`` P(request | shown), ``accepted`` P(accepted | request).
    """

    candidate: int
    school: int
    offer: CampaignOffer
    probability: float
    accepted: float
    value: float


@dataclass(frozen=True, slots=True)
class Bids:
    """What campaigns bid for b programs, most valuable first; equals in the order of programs.

    Columns, shape (b,): ``candidate`` places in ``found.rows``; ``school``; ``tier`` or None;
    ``probability`` P(request | shown); ``accepted`` P(accepted | request); ``value`` in US cents
    an impression; ``offers`` who bids.
    """

    candidate: NDArray[np.int64]
    school: NDArray[np.int32]
    tier: NDArray[np.uint8] | None
    probability: NDArray[np.float64]
    accepted: NDArray[np.float64]
    value: NDArray[np.float64]
    offers: Sequence[CampaignOffer]

    def __len__(self) -> int:
        """Count the bids."""
        return len(self.offers)

    def __getitem__(self, place: int) -> Bid:
        """Read one bid."""
        return Bid(
            self.candidate.item(place),
            self.school.item(place),
            self.offers[place],
            self.probability.item(place),
            self.accepted.item(place),
            self.value.item(place),
        )


@dataclass(frozen=True, slots=True)
class Head:
    """The first organic candidates, and P(request | shown) of each: what lifting is held against.

    Only the first ten places count, and at most ten organic listings can be pushed out of them.
    """

    candidates: Sequence[int]
    asked: Sequence[float]

    @property
    def floor(self) -> float:
        """The least P(request) of a sponsored listing: half the tenth's, or the last's."""
        return RELEVANCE_FLOOR * self.asked[:STEERING_DEPTH][-1] if self.asked else 0.0


@dataclass(frozen=True, slots=True)
class Market:
    """What every slate's bids are judged by."""

    catalog: Catalog
    index: CatalogIndex
    scores: Scores


# What is bid on a slate that nobody may pay for.
NO_BIDS = Bids(
    candidate=np.empty(0, np.int64),
    school=np.empty(0, np.int32),
    tier=None,
    probability=np.empty(0),
    accepted=np.empty(0),
    value=np.empty(0),
    offers=(),
)
NO_HEAD = Head((), ())


def read_head(
    scores: Scores, ranked: Ranked, organic: OrganicList, claimed: Sequence[int] = ()
) -> tuple[Head, Chances]:
    """Look up, all at once, the chances of the first organic candidates and of those claimed."""
    head = organic.first(2 * STEERING_DEPTH)
    chances = chances_for(scores, ranked, np.array([*head, *claimed], np.int64))
    first = len(head)
    of_claimed = Chances(chances.asked[first:], chances.accepted[first:])
    return Head(head, chances.asked[:first].tolist()), of_claimed


def collect_bids(
    market: Market, ranked: Ranked, organic: OrganicList, claimed: Claims
) -> tuple[Head, Bids]:
    """Collect what campaigns bid for; one bid a program: the campaign that values it most.

    Returns:
        What lifting is held against, empty where nobody bids, and the bids.
    """
    if not len(claimed.candidates):
        return NO_HEAD, NO_BIDS
    catalog, found = market.catalog, ranked.found
    head, chances = read_head(market.scores, ranked, organic, claimed.candidates.tolist())
    fits = may_be_lifted(catalog, found.rows.take(claimed.candidates))
    fits &= chances.asked >= head.floor
    candidate = claimed.candidates[fits]
    asked, accepted = chances.asked[fits], chances.accepted[fits]
    rows = found.rows.take(candidate)
    offers = _dearest(catalog, claimed, claimed.slot[fits].tolist(), rows.tolist())
    worths = np.array([0.0 if offer is None else worth(offer) for offer in offers])
    value = asked * accepted * worths
    order = np.lexsort((market.index.tie.take(rows), -value))
    order = order[: np.count_nonzero(value >= RESERVE_CENTS)]
    candidate = candidate.take(order)
    return head, Bids(
        candidate=candidate,
        school=found.school.take(candidate),
        tier=None if found.tier is None else found.tier.take(candidate),
        probability=asked.take(order),
        accepted=accepted.take(order),
        value=value.take(order),
        offers=[offer for place in order.tolist() if (offer := offers[place]) is not None],
    )


def _dearest(
    catalog: Catalog, claimed: Claims, slots: Sequence[int], rows: Sequence[int]
) -> list[CampaignOffer | None]:
    """The offer that values each program most, None where none covers it; equals by version."""
    by_slot = [
        sorted(offers, key=lambda offer: (worth(offer), offer.version_id), reverse=True)
        for offers in claimed.by_school.values()
    ]
    return [
        next(
            (one for one in by_slot[slot] if takes_all(one) or covers(catalog, one, row)),
            None,
        )
        for slot, row in zip(slots, rows, strict=True)
    ]


def chances_for(scores: Scores, ranked: Ranked, candidates: NDArray[np.int64]) -> Chances:
    """Read the chances of some candidates, places in ``found.rows``."""
    rows, crosses = ranked.found.rows.take(candidates), ranked.cross.take(candidates)
    return scores.chances(request_row(ranked.found.student), rows, crosses)
