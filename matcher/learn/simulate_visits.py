"""What a simulated student does with a page: sees, looks, clicks, asks; what the school answers.

Position-based: how likely a listing is looked at depends on its place on the page alone.

    on the screen:  a student scrolls down to some place, further with probability STAY each time
    looked at:      a listing on the screen, with probability attention(place)
    clicked:        a listing looked at, by how much it is wanted (``simulate_truth``)
    asked:          a listing clicked whose school can be asked here, at most MOST_REQUESTS a visit
    accepted:       a request, by the habits of its school
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.learn.simulate_truth import (
    Codes,
    Numbers,
    Tastes,
    acceptance_chances,
    click_chances,
    request_chances,
    school_qualities,
    wishes,
)
from models.domain.matching import PAGE_SIZE
from models.domain.slates import EventKind

STAY = 0.95
FADING = 0.7
NEXT_PAGE = 0.08
MOST_REQUESTS = 4


@dataclass(frozen=True, slots=True)
class PageSeen:
    """A page's listings, n of them, in order: codes (n, features), schools, who can be asked."""

    codes: Codes
    unitids: NDArray[np.int64]
    can_be_asked: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happened to a listing, by its row on the page."""

    kind: EventKind
    row: int


def attention(count: int = PAGE_SIZE) -> Numbers:
    """P(looked at | on the screen) of each place on a page, from the first: the known truth."""
    return np.arange(1, count + 1, dtype=np.float64) ** -FADING


def visit_page(
    chance: np.random.Generator, seen: PageSeen, tastes: Tastes, requests_left: int
) -> list[Act]:
    """Let one student read one page.

    Args:
        chance: the only source of randomness.
        seen: the page.
        tastes: how far this student and the schools differ from the tables.
        requests_left: how many schools the student would still ask.

    Returns:
        What happened, in the order it does.
    """
    count = len(seen.unitids)
    if not count:
        return []
    depth = min(int(chance.geometric(1 - STAY)), count)
    wanted = _wanted(chance, seen, tastes)
    looked = chance.random(count) < attention(count)
    looked[depth:] = False
    clicked = looked & (chance.random(count) < click_chances(wanted))
    asked = clicked & seen.can_be_asked & (chance.random(count) < request_chances(wanted))
    asked[np.flatnonzero(asked)[requests_left:]] = False
    accepted = asked & (chance.random(count) < acceptance_chances(seen.unitids))
    return list(_acts(depth, clicked, asked, accepted))


def turns_the_page(chance: np.random.Generator) -> bool:
    """Whether a student goes on to the next page."""
    return bool(chance.random() < NEXT_PAGE)


def _wanted(chance: np.random.Generator, seen: PageSeen, tastes: Tastes) -> Numbers:
    known = wishes(seen.codes)
    # One student weighs everything more, or less, than the next.
    weight = 1 + tastes.student * chance.standard_normal()
    hidden = school_qualities(seen.unitids, tastes.school)
    rest = tastes.listing * chance.standard_normal(len(known))
    total: Numbers = known * weight + hidden + rest
    return total


def _acts(
    depth: int,
    clicked: NDArray[np.bool_],
    asked: NDArray[np.bool_],
    accepted: NDArray[np.bool_],
) -> Iterator[Act]:
    for row in range(depth):
        yield Act(EventKind.IMPRESSION, row)
        if clicked[row]:
            yield Act(EventKind.CLICK, row)
        if asked[row]:
            yield Act(EventKind.REQUEST_STARTED, row)
            yield Act(EventKind.REQUEST, row)
        if accepted[row]:
            yield Act(EventKind.ACCEPTED, row)
