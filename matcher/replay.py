"""Draws a kept slate again and takes one listing apart: why it stands where it stands.

Says also whether the replay equals what was served, value for value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from matcher.bids import chances_for, read_head
from matcher.features.declared import FEATURES
from matcher.forest import SCALE
from matcher.match import Draw, Engine, draw, page
from matcher.offers import covers, may_be_lifted
from matcher.score import request_row
from models.domain.errors import NotFoundError
from models.domain.matching import PAGE_SIZE, Listing, Slate, Sort

# What of a listing is kept as served, and so must come out again.
KEPT = (
    "position",
    "organic_position",
    "program_id",
    "campaign_version_id",
    "score",
    "codes",
    "propensity",
    "plain_position",
)


@dataclass(frozen=True, slots=True)
class FeatureLine:
    """One feature of a listing: its code, what the code means, what it adds to the score."""

    name: str
    code: int
    meaning: str
    adds: float | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A listing taken apart. Scores are in log-odds: fixed-point values over ``SCALE``.

    ``decision`` is the allocation's word: ``organic``, ``sponsored``, or why no campaign that
    covers the program lifted it; ``bid`` holds the figures of the campaign that did.
    """

    listing: Listing
    features: tuple[FeatureLine, ...]
    score: float
    program_part: float
    cross_part: float
    probability: float
    relevance_floor: float
    steering_index: float
    decision: str
    bid: Mapping[str, Any] | None


def explain_listing(engine: Engine, slate: Slate, position: int) -> Explanation:
    """Replay a slate and explain the listing at a position.

    Raises:
        NotFoundError: when the slate has no such position.
    """
    drawn = draw(engine, slate)
    shown = page(engine, drawn, (position - 1) // PAGE_SIZE + 1)
    listing = next((one for one in shown.listings if one.position == position), None)
    if listing is None:
        raise NotFoundError(f"this slate has no position {position}; it has {shown.total}")
    placed = drawn.allocation.shown[position - 1]
    ranked, candidate = drawn.ranked, placed.candidate
    rows, crosses = ranked.found.rows[[candidate]], ranked.cross.take([candidate])
    request = request_row(ranked.found.student)
    added = engine.breakdown.added(request, rows, crosses)[0].tolist()
    row, cross = int(rows[0]), int(crosses[0])
    return Explanation(
        listing=listing,
        features=_feature_lines(listing, added),
        score=listing.score / SCALE,
        program_part=int(engine.scores.program[request, engine.scores.combination[row]]) / SCALE,
        cross_part=int(engine.scores.cross[request, cross]) / SCALE,
        probability=chances_for(engine.scores, ranked, np.array([candidate])).asked.item(0),
        relevance_floor=read_head(engine.scores, ranked, drawn.allocation.organic)[0].floor,
        steering_index=shown.steering_index,
        decision="sponsored" if placed.bid else _decision(engine, drawn, candidate),
        bid=_bid(drawn, position),
    )


def position_of(engine: Engine, slate: Slate, row: int) -> int:
    """Replay a slate as far as the program at a row of the catalog, which it must have found."""
    drawn = draw(engine, slate)
    rows, shown = drawn.ranked.found.rows, drawn.allocation.shown
    drawn.allocation.draw(len(rows))
    return next(at for at, placed in enumerate(shown, 1) if rows[placed.candidate] == row)


def served_differently(listing: Listing, served: Mapping[str, Any]) -> tuple[str, ...]:
    """Name what came out of a replay differently from what was kept when it was served."""
    version = listing.campaign_version_id
    again = {
        "position": listing.position,
        "organic_position": listing.organic_position,
        "program_id": listing.program.id,
        "campaign_version_id": None if version is None else version.hex,
        "score": listing.score,
        "codes": list(listing.codes),
        "propensity": listing.propensity,
        "plain_position": listing.plain_position,
    }
    return tuple(name for name in KEPT if again[name] != served.get(name))


def _feature_lines(listing: Listing, added: Sequence[int]) -> tuple[FeatureLine, ...]:
    return tuple(
        FeatureLine(
            feature.name,
            code,
            str(feature.labels[code]),
            value / SCALE if value is not None else None,
        )
        for feature, code, value in zip_longest(FEATURES, listing.codes, added)
    )


def _decision(engine: Engine, drawn: Draw, candidate: int) -> str:
    """Say why no campaign lifted a program."""
    found = drawn.ranked.found
    row = int(found.rows[candidate])
    offers = drawn.claimed.by_school.get(int(found.school[candidate]), ())
    if not any(covers(engine.catalog, offer, row) for offer in offers):
        return "organic: no campaign covers it"
    if not may_be_lifted(engine.catalog, found.rows[[candidate]])[0]:
        return "organic: payment never lifts a program with the earnings warning"
    if drawn.slate.answers.hide_sponsored:
        return "organic: the student hid sponsored listings"
    if drawn.slate.answers.sort is not Sort.RELEVANCE:
        return "organic: the sort that was chosen binds everyone"
    if candidate not in drawn.allocation.bids.candidate:
        return "organic: below the relevance floor or the reserve"
    return "organic: its place came before a sponsored one was free"


def _bid(drawn: Draw, position: int) -> Mapping[str, Any] | None:
    bid = drawn.allocation.shown[position - 1].bid
    if bid is None:
        return None
    return {
        "campaign_version_id": bid.offer.version_id.hex,
        "price_minor": bid.offer.price_minor,
        "currency": bid.offer.currency,
        "pacing": bid.offer.pacing,
        "accepted_given_request": bid.accepted,
        "value_cents": bid.value,
    }
