"""A match: retrieve, featurise and score, order, allocate, explain.

Everything here is a function of an engine (one catalog, one ranker) and a slate (the answers and
the campaigns as they were): the same two give the same pages, bit for bit.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from typing_extensions import override

from matcher import describe
from matcher.allocate import Allocation
from matcher.bids import NO_BIDS, NO_HEAD, Market, collect_bids
from matcher.catalog import Catalog, open_catalog
from matcher.contributions import Breakdown, break_down
from matcher.explore import Arrangement, explore
from matcher.figures import fact_kinds
from matcher.geography import Places, open_places
from matcher.index import CatalogIndex, index_catalog
from matcher.offers import Claims, OfferBook, claims, open_book, standing_offers
from matcher.organic import OrganicList
from matcher.present import Sheet, make_page
from matcher.registry import Scores, ServedRanker, open_ranker, open_scores
from matcher.retrieve import Found, exclusion, retrieve
from matcher.score import Ranked, rank
from matcher.standing import Standings, standings
from models.domain.matching import (
    PAGE_SIZE,
    Answers,
    CampaignOffer,
    FactKind,
    MatchPage,
    School,
    Slate,
    Sort,
)

# A search is looked up when its offers are chosen, again when it is drawn, again for its next page.
_REMEMBERED = 16

_Kept = TypeVar("_Kept")


# The offers that could stand on a slate, and what they claim.
Stood = tuple[tuple[CampaignOffer, ...], Claims]


@dataclass(frozen=True, slots=True, repr=False)
class Engine:
    """One catalog and one ranker, opened: what a worker holds while they serve."""

    catalog: Catalog
    places: Places
    ranker: ServedRanker
    scores: Scores
    index: CatalogIndex
    breakdown: Breakdown
    standings: Standings
    schools: tuple[School, ...]
    fact_kinds: tuple[tuple[FactKind, ...], ...]
    books: dict[int, OfferBook] = field(default_factory=dict, compare=False)
    recent: OrderedDict[Answers, Found] = field(default_factory=OrderedDict, compare=False)
    stood: OrderedDict[Answers, Stood] = field(default_factory=OrderedDict, compare=False)

    @override
    def __repr__(self) -> str:
        """Name the versions; the columns would fill screens."""
        return f"Engine(catalog={self.catalog.version}, ranker={self.ranker.version})"


@dataclass(frozen=True, slots=True)
class Draw:
    """A slate drawn: its organic order and its places, both as far as anybody looked."""

    slate: Slate
    ranked: Ranked
    claimed: Claims
    allocation: Allocation
    arrangement: Arrangement


def open_engine(catalog_path: Path, ranker_path: Path, key: bytes) -> Engine:
    """Open a catalog and a ranker; their score tables are made first where nobody has.

    Args:
        catalog_path: the catalog's folder.
        ranker_path: the ranker's.
        key: the public key that rankers are signed with.

    Raises:
        FileNotFoundError: when a folder is not whole.
        UnsignedError: when the ranker is not signed with the key.
        TamperedError: when files are not what was written.
        OtherFeaturesError: when the ranker was fitted on other features.
    """
    catalog, ranker = open_catalog(catalog_path), open_ranker(ranker_path, key)
    return make_engine(catalog, open_places(catalog_path), ranker, open_scores(catalog, ranker))


def make_engine(catalog: Catalog, places: Places, ranker: ServedRanker, scores: Scores) -> Engine:
    """Put an engine together from its parts."""
    breakdown = break_down(catalog, scores)
    return Engine(
        catalog,
        places,
        ranker,
        scores,
        index_catalog(catalog),
        breakdown,
        standings(catalog, breakdown),
        tuple(describe.schools(catalog, range(len(catalog.unitid)))),
        fact_kinds(catalog),
    )


def find(engine: Engine, answers: Answers) -> Found:
    """Find the candidates of a search, or remember them."""
    found = engine.recent.get(answers)
    if found is None:
        found = retrieve(engine.catalog, engine.index, engine.places, answers)
        _remember(engine.recent, answers, found)
    return found


def _remember(kept: OrderedDict[Answers, _Kept], answers: Answers, value: _Kept) -> None:
    kept[answers] = value
    while len(kept) > _REMEMBERED:
        kept.popitem(last=False)


def why_excluded(engine: Engine, answers: Answers, row: int) -> str | None:
    """Why a program is not shown for these answers; None when it is."""
    return exclusion(engine.catalog, engine.index, engine.places, answers, row)


def relevant_offers(
    engine: Engine, answers: Answers, offers: Sequence[CampaignOffer]
) -> tuple[CampaignOffer, ...]:
    """The offers that could stand on a slate for these answers: what the slate keeps."""
    found = find(engine, answers)
    stood = standing_offers(engine.catalog, engine.index, found, _book(engine, offers))
    _remember(engine.stood, answers, stood)
    return stood[0]


def _claims(engine: Engine, slate: Slate, found: Found) -> Claims:
    """What a slate's offers claim: known since they were chosen, when it is drawn at once."""
    stood = engine.stood.get(slate.answers)
    if stood is not None and stood[0] is slate.offers:
        return stood[1]
    return claims(engine.catalog, engine.index, found, open_book(slate.offers))


def _book(engine: Engine, offers: Sequence[CampaignOffer]) -> OfferBook:
    """The offers of this moment, sorted once: the same ones are asked about search after search."""
    book = engine.books.get(id(offers))
    # The book holds its offers, so their address is nobody else's while it is kept.
    if book is None or book.offers is not offers:
        engine.books.clear()
        book = engine.books[id(offers)] = open_book(offers)
    return book


def draw(engine: Engine, slate: Slate) -> Draw:
    """Draw a slate: one draw for all its pages, explored or not, before campaigns are looked at."""
    catalog, index, answers = engine.catalog, engine.index, slate.answers
    found = find(engine, answers)
    ranked = rank(catalog, index, engine.scores, found, answers.sort)
    by_relevance = answers.sort is Sort.RELEVANCE
    plain = OrganicList(ranked, spread=by_relevance)
    organic, arrangement = explore(engine.standings, ranked, plain, slate)
    claimed = _claims(engine, slate, found)
    head, bids = NO_HEAD, NO_BIDS
    if by_relevance and not answers.hide_sponsored:
        market = Market(catalog, index, engine.scores)
        head, bids = collect_bids(market, ranked, organic, claimed)
    allocation = Allocation(ranked, organic, head, bids)
    return Draw(slate, ranked, claimed, allocation, arrangement)


def page(engine: Engine, drawn: Draw, number: int) -> MatchPage:
    """Show one page of a draw, counting from 1; after the last one there are no listings."""
    drawn.allocation.draw(number * PAGE_SIZE)
    first = (number - 1) * PAGE_SIZE
    placed = drawn.allocation.shown[first : first + PAGE_SIZE]
    sheet = Sheet(
        engine.catalog,
        engine.schools,
        engine.fact_kinds,
        engine.breakdown,
        drawn.slate.answers,
        drawn.ranked,
        drawn.arrangement,
    )
    return make_page(
        sheet,
        number,
        list(enumerate(placed, first + 1)),
        steering_index=drawn.allocation.steering_index(),
        sponsored_total=len(drawn.claimed.candidates),
    )
