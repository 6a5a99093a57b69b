"""What campaigns bid for the programs found: expected value, above a reserve and a floor.

Expected value = P(accepted | shown) x price x pacing, in US cents an impression.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import Catalog
from matcher.index import CatalogIndex
from matcher.offers import Claims, covers, may_be_lifted, takes_all, worth
from matcher.organic import OrganicList
from matcher.registry import ServedRanker
from matcher.score import Ranked
from matcher.steering import STEERING_DEPTH
from models.domain.matching import CampaignOffer

# An impression must be worth this many US cents at least: below it, a place is not for sale.
RESERVE_CENTS = 1.0
# A sponsored listing's P(request) against that of the tenth organic one.
RELEVANCE_FLOOR = 0.5


@dataclass(frozen=True, slots=True)
class Bid:
    """A program that a campaign would pay for: ``value`` in US cents an impression."""

    candidate: int
    school: int
    offer: CampaignOffer
    probability: float
    value: float


@dataclass(frozen=True, slots=True)
class Bids:
    """What campaigns bid for b programs, most valuable first; equals in the order of programs.

    Columns, shape (b,): ``candidate`` places in ``found.rows``; ``school``; ``tier`` or None;
    ``probability`` P(request | shown); ``value`` in US cents an impression; ``offers`` who bids.
    """

    candidate: NDArray[np.int64]
    school: NDArray[np.int32]
    tier: NDArray[np.uint8] | None
    probability: NDArray[np.float64]
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
            self.value.item(place),
        )


@dataclass(frozen=True, slots=True)
class Market:
    """What every slate's bids are judged by."""

    catalog: Catalog
    index: CatalogIndex
    ranker: ServedRanker


def no_bids() -> Bids:
    """The bids of a slate that nobody may pay for."""
    nothing = np.empty(0)
    return Bids(nothing.astype(np.int64), nothing.astype(np.int32), None, nothing, nothing, ())


def collect_bids(market: Market, ranked: Ranked, organic: OrganicList, claimed: Claims) -> Bids:
    """Collect what campaigns bid for; one bid a program: the campaign that values it most."""
    if not len(claimed.candidates):
        return no_bids()
    found, ranker = ranked.found, market.ranker
    chance = ranker.calibration.probability(ranked.scores(claimed.candidates))
    fits = may_be_lifted(market.catalog, found.rows.take(claimed.candidates))
    fits &= chance >= relevance_floor(ranker, ranked, organic)
    candidate, chance = claimed.candidates[fits], chance[fits]
    rows = found.rows.take(candidate)
    offers = _dearest(market.catalog, claimed, claimed.slot[fits].tolist(), rows.tolist())
    worths = np.array([0.0 if offer is None else worth(offer) for offer in offers])
    value = chance * ranker.accepted_given_request * worths
    order = np.lexsort((market.index.tie.take(rows), -value))
    order = order[: np.count_nonzero(value >= RESERVE_CENTS)]
    candidate = candidate.take(order)
    return Bids(
        candidate=candidate,
        school=found.school.take(candidate),
        tier=None if found.tier is None else found.tier.take(candidate),
        probability=chance.take(order),
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


def relevance_floor(ranker: ServedRanker, ranked: Ranked, organic: OrganicList) -> float:
    """The least P(request) of a sponsored listing: half the tenth organic's, or the last's."""
    first = organic.first(STEERING_DEPTH)
    if not first:
        return 0.0
    tenth = ranker.calibration.probability(ranked.scores(first[-1:]))
    return RELEVANCE_FLOOR * float(tenth[0])
