"""What a simulated student does with a page: sees, looks, clicks, asks; what the school answers.

on the screen:  a student scrolls down to some place, further with probability STAY each time
looked at:      a listing on the screen, in one of three ways (``simulate_clicks``)
clicked:        a listing looked at, by how much it is wanted (``simulate_truth``)
asked:          a listing clicked whose school can be asked here, at most MOST_REQUESTS a visit
answered:       a request, accepted or rejected by the habits of its school, at once or days later
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matcher.learn.simulate_clicks import Habits, read_pages, scrolled
from matcher.learn.simulate_truth import (
    Codes,
    Numbers,
    Tastes,
    acceptance_chances,
    school_qualities,
    wishes,
)
from models.domain.slates import EventKind

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
    """One thing that happened to a listing, by its row on the page, so many days after the rest."""

    kind: EventKind
    row: int
    days: float = 0.0


@dataclass(frozen=True, slots=True)
class Answers:
    """Whether a school would accept a student's request, bool (n,), and after how many days, (n,).

    Of each listing of a page, asked or not.
    """

    accepts: NDArray[np.bool_]
    days: Numbers

    @classmethod
    def drawn(cls, chance: np.random.Generator, unitids: NDArray[np.int64], days: float) -> Self:
        """Draw them; an answer takes as long as those of a school that looks now and then."""
        accepts = chance.random(len(unitids)) < acceptance_chances(unitids)
        late = chance.exponential(days, len(unitids)) if days else np.zeros(len(unitids))
        return cls(accepts, late)


def visit_page(
    chance: np.random.Generator,
    seen: PageSeen,
    tastes: Tastes,
    requests_left: int,
    habits: Habits | None = None,
) -> list[Act]:
    """Let one student read one page.

    Args:
        chance: the only source of randomness.
        seen: the page.
        tastes: how far this student and the schools differ from the tables.
        requests_left: how many schools the student would still ask.
        habits: how students read; position-based when None.

    Returns:
        What happened, in the order it does.
    """
    count = len(seen.unitids)
    if not count:
        return []
    depths = scrolled(chance, 1, count)
    wanted = _wanted(chance, seen, tastes)[None]
    read = read_pages(chance, wanted, seen.can_be_asked[None], depths, habits or Habits())
    depth, clicked, asked = int(read.depth[0]), read.clicked[0], read.asked[0]
    asked[np.flatnonzero(asked)[requests_left:]] = False
    answers = Answers.drawn(chance, seen.unitids, tastes.answer_days)
    return list(_acts(depth, clicked, asked, answers))


def game_page(seen: PageSeen, unitid: int) -> list[Act]:
    """Let a school's helper read a page: everything is seen, all that is the school's clicked."""
    clicked = seen.unitids == unitid
    nobody = np.zeros(len(clicked), bool)
    return list(_acts(len(clicked), clicked, nobody, Answers(nobody, np.zeros(len(clicked)))))


def turns_the_page(chance: np.random.Generator) -> bool:
    """Whether a student goes on to the next page."""
    return bool(chance.random() < NEXT_PAGE)


def _wanted(chance: np.random.Generator, seen: PageSeen, tastes: Tastes) -> Numbers:
    known = wishes(seen.codes, tastes.drift)
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
    answers: Answers,
) -> Iterator[Act]:
    for row in range(depth):
        yield Act(EventKind.IMPRESSION, row)
        if clicked[row]:
            yield Act(EventKind.CLICK, row)
        if asked[row]:
            yield Act(EventKind.REQUEST_STARTED, row)
            yield Act(EventKind.REQUEST, row)
            answer = EventKind.ACCEPTED if answers.accepts[row] else EventKind.REJECTED
            yield Act(answer, row, float(answers.days[row]))
