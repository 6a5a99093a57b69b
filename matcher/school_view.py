"""Where a school's programs stand on a slate, and what became of its campaigns there.

For the school's own staff: of others only what anybody sees, that a place was taken, is told.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matcher.bids import chances_for, read_head
from matcher.catalog import UNKNOWN_ROW
from matcher.describe import programs
from matcher.match import Draw, Engine, draw, why_excluded
from matcher.offers import RATES, covers, may_be_lifted
from models.domain.levels import EducationLevel
from models.domain.matching import PAGE_SIZE, CampaignOffer, Program, Slate, Sort

# Nobody looks further; what stands behind it tells its organic place.
LOOKED = 5 * PAGE_SIZE
# A large university has some 500 programs.
MOST_PROGRAMS = 1_000


class Fate(StrEnum):
    """What became of a campaign on a slate; the first that holds, in this order."""

    SHOWN = "shown"
    SORTED = "sorted"
    HIDDEN = "hidden"
    NO_DIPLOMA = "no_diploma"
    FULL = "full"
    CLOSED = "closed"
    OUTSIDE_HOURS = "outside_hours"
    CURRENCY = "currency"
    LEVEL = "level"
    STATE = "state"
    NO_PROGRAM = "no_program"
    WARNED = "warned"
    FLOOR = "floor"
    RESERVE = "reserve"
    OWN_CAMPAIGN = "own_campaign"
    STANDS_ALREADY = "stands_already"
    OUTBID = "outbid"


@dataclass(frozen=True, slots=True)
class ProgramStanding:
    """A program that was found: its place, if within ``LOOKED``, and its organic one."""

    program: Program
    position: int | None
    organic_position: int
    sponsored: bool


@dataclass(frozen=True, slots=True)
class SchoolView:
    """A slate as a school's staff see it.

    ``excluded`` are programs that are not shown for these answers, with the rule that says so.
    ``sponsored`` counts the sponsored listings of the first page, all schools' together.
    """

    drawn: Draw
    total: int
    sponsored: int
    standing: tuple[ProgramStanding, ...]
    excluded: tuple[tuple[Program, str], ...]


def view_slate(engine: Engine, slate: Slate, unitids: Collection[int]) -> SchoolView:
    """Draw a slate and find where the programs of some schools stand on it."""
    drawn = draw(engine, slate)
    drawn.allocation.draw(LOOKED)
    rows = _rows_of(engine, unitids)
    found = drawn.ranked.found.rows
    is_found = np.isin(rows, found)
    excluded = rows[~is_found]
    why = [why_excluded(engine, slate.answers, row) or "" for row in excluded.tolist()]
    return SchoolView(
        drawn,
        len(found),
        sum(placed.bid is not None for placed in drawn.allocation.shown[:PAGE_SIZE]),
        _standing(engine, drawn, rows[is_found]),
        tuple(zip(programs(engine.catalog, excluded) if why else [], why, strict=True)),
    )


def fate_of(engine: Engine, drawn: Draw, offer: CampaignOffer) -> Fate:
    """Tell what became of a campaign on a slate that was drawn as far as ``LOOKED``."""
    if any(placed.bid and _is(placed.bid.offer, offer) for placed in drawn.allocation.shown):
        return Fate.SHOWN
    return _kept_out(engine, drawn, offer) or _not_placed(engine, drawn, offer)


def _kept_out(engine: Engine, drawn: Draw, offer: CampaignOffer) -> Fate | None:
    """The rule that keeps an offer from competing at all."""
    answers, student = drawn.slate.answers, drawn.ranked.found.student
    known = student.region != UNKNOWN_ROW
    state = engine.catalog.regions[student.region] if known else None
    shut = Fate(offer.shut) if offer.shut else Fate.OUTSIDE_HOURS
    rules = {
        Fate.SORTED: answers.sort is not Sort.RELEVANCE,
        Fate.HIDDEN: answers.hide_sponsored,
        Fate.NO_DIPLOMA: student.level is EducationLevel.NO_DIPLOMA,
        shut: not offer.open,
        Fate.CURRENCY: offer.currency not in RATES,
        Fate.LEVEL: bool(offer.education_levels) and student.level not in offer.education_levels,
        Fate.STATE: bool(offer.states) and state not in offer.states,
    }
    return next((fate for fate, holds in rules.items() if holds), None)


def _not_placed(engine: Engine, drawn: Draw, offer: CampaignOffer) -> Fate:
    """Why an offer that may compete got no place."""
    candidates = _covered(engine, drawn, offer)
    if not len(candidates):
        return Fate.NO_PROGRAM
    rows = drawn.ranked.found.rows.take(candidates)
    candidates = candidates[may_be_lifted(engine.catalog, rows)]
    if not len(candidates):
        return Fate.WARNED
    bids = drawn.allocation.bids
    bid_for = dict(zip(bids.candidate.tolist(), bids.offers, strict=True))
    own = [bid_for[one] for one in candidates.tolist() if one in bid_for]
    if not own:
        floor = read_head(engine.scores, drawn.ranked, drawn.allocation.organic)[0].floor
        asked = chances_for(engine.scores, drawn.ranked, candidates).asked
        return Fate.RESERVE if bool((asked >= floor).any()) else Fate.FLOOR
    if not any(_is(one, offer) for one in own):
        return Fate.OWN_CAMPAIGN
    first = {placed.candidate for placed in drawn.allocation.shown[:PAGE_SIZE]}
    return Fate.OUTBID if first.isdisjoint(candidates.tolist()) else Fate.STANDS_ALREADY


def _covered(engine: Engine, drawn: Draw, offer: CampaignOffer) -> NDArray[np.int64]:
    """The candidates that an offer would pay for."""
    found = drawn.ranked.found
    schools = [
        engine.index.school_row[one] for one in offer.unitids if one in engine.index.school_row
    ]
    at_schools = np.flatnonzero(np.isin(found.school, schools))
    rows = found.rows.take(at_schools).tolist()
    return at_schools[[covers(engine.catalog, offer, row) for row in rows]] if rows else at_schools


def _is(one: CampaignOffer, other: CampaignOffer) -> bool:
    return one.version_id == other.version_id


def _rows_of(engine: Engine, unitids: Collection[int]) -> NDArray[np.int32]:
    known = (engine.index.school_row.get(unitid) for unitid in unitids)
    schools = [row for row in known if row is not None]
    rows = np.flatnonzero(np.isin(engine.catalog.school, schools))
    return rows[:MOST_PROGRAMS].astype(np.int32)


def _standing(engine: Engine, drawn: Draw, rows: NDArray[np.int32]) -> tuple[ProgramStanding, ...]:
    """Where programs stand, the first of them first."""
    if not len(rows):
        return ()
    candidates = np.searchsorted(drawn.ranked.found.rows, rows).tolist()
    organic = drawn.allocation.organic.positions(candidates)
    shown = {placed.candidate: at for at, placed in enumerate(drawn.allocation.shown, 1)}
    paid = {placed.candidate for placed in drawn.allocation.shown if placed.bid}
    found = [
        ProgramStanding(program, shown.get(one), place, one in paid)
        for program, one, place in zip(
            programs(engine.catalog, rows), candidates, organic, strict=True
        )
    ]
    return tuple(sorted(found, key=_place))


def _place(one: ProgramStanding) -> tuple[int, int]:
    return (one.position or LOOKED + 1, one.organic_position)
