"""What campaigns bid for the programs found: expected value, above a reserve and a floor.

Expected value = P(accepted | shown) x price x pacing, in US cents an impression.
"""

from dataclasses import dataclass

from matcher.catalog import Catalog
from matcher.index import CatalogIndex
from matcher.offers import Claims, covers, may_be_lifted, worth
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
    tier: int
    offer: CampaignOffer
    probability: float
    value: float


@dataclass(frozen=True, slots=True)
class Market:
    """What every slate's bids are judged by."""

    catalog: Catalog
    index: CatalogIndex
    ranker: ServedRanker


def collect_bids(
    market: Market, ranked: Ranked, organic: OrganicList, claimed: Claims
) -> list[Bid]:
    """Collect what campaigns bid for, most valuable first; equals in the order of programs.

    One bid a program: the campaign that values it most.
    """
    catalog, ranker, candidates = market.catalog, market.ranker, claimed.candidates
    if not len(candidates):
        return []
    found = ranked.found
    chance = ranker.calibration.probability(ranked.scores[candidates])
    fits = may_be_lifted(catalog, found.rows[candidates])
    fits &= chance >= relevance_floor(ranker, ranked, organic)
    bids = []
    for candidate, probability in zip(
        candidates[fits].tolist(), chance[fits].tolist(), strict=True
    ):
        row, school = int(found.rows[candidate]), int(found.school[candidate])
        offers = [offer for offer in claimed.by_school[school] if covers(catalog, offer, row)]
        if not offers:
            continue
        offer = max(offers, key=lambda offer: (worth(offer), offer.version_id))
        value = probability * ranker.accepted_given_request * worth(offer)
        if value >= RESERVE_CENTS:
            tier = 0 if found.tier is None else int(found.tier[candidate])
            bids.append(Bid(candidate, school, tier, offer, probability, value))
    bids.sort(key=lambda bid: (-bid.value, int(market.index.tie[found.rows[bid.candidate]])))
    return bids


def relevance_floor(ranker: ServedRanker, ranked: Ranked, organic: OrganicList) -> float:
    """The least P(request) of a sponsored listing: half the tenth organic's, or the last's."""
    first = organic.first(STEERING_DEPTH)
    if not first:
        return 0.0
    tenth = ranker.calibration.probability(ranked.scores[first[-1:]])
    return RELEVANCE_FLOOR * float(tenth[0])
