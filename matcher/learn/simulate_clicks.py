"""How simulated students read pages, many at once: who is looked at, clicked and asked.

Three ways to examine a page, after the click models of the literature:

    position  every listing on the screen is looked at, with a chance that its place alone sets
    cascade   from the top down, each listing looked at, until the first click (Craswell 2008)
    bayesian  from the top down; a request ends it, a click ends it with chance SATISFIED, and
              after any other listing students go on with chance GOES_ON (Chapelle, Zhang 2009)
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matcher.learn.simulate_truth import Numbers, click_chances, request_chances
from models.domain.matching import PAGE_SIZE

STAY = 0.95
FADING = 0.7
SATISFIED, GOES_ON = 0.6, 0.9

Flags = NDArray[np.bool_]


class Examination(StrEnum):
    """How a student comes to look at a listing."""

    POSITION = "position"
    CASCADE = "cascade"
    BAYESIAN = "bayesian"


@dataclass(frozen=True, slots=True)
class Habits:
    """How students read; ``mistaken`` is the chance that a look ends in a click on anything."""

    examination: Examination = Examination.POSITION
    mistaken: float = 0.0


@dataclass(frozen=True, slots=True)
class Read:
    """What n students did with a page of k listings each; ``clicked``, ``asked`` (n, k).

    ``depth`` (n,): how many listings came on the screen.
    """

    depth: NDArray[np.int64]
    clicked: Flags
    asked: Flags


@dataclass(frozen=True, slots=True)
class Expected:
    """What n students do with a page of k listings on average: chances, (n, k) each.

    ``looked``: P(looked at) before anything is known; ``clicked`` and ``asked`` of all students,
    not of those who looked.
    """

    looked: Numbers
    clicked: Numbers
    asked: Numbers


def attention(count: int = PAGE_SIZE) -> Numbers:
    """P(looked at | on the screen) of each place in the position model, from the first."""
    return np.arange(1, count + 1, dtype=np.float64) ** -FADING


def scrolled(chance: np.random.Generator, students: int, places: int) -> NDArray[np.int64]:
    """How far students scroll down a page of so many places, shape (students,)."""
    depth: NDArray[np.int64] = np.minimum(chance.geometric(1 - STAY, students), places)
    return depth


def read_pages(
    chance: np.random.Generator,
    wanted: Numbers,
    can_be_asked: Flags,
    depth: NDArray[np.int64],
    habits: Habits,
) -> Read:
    """Let n students read a page each.

    Args:
        chance: the only source of randomness.
        depth: how far each scrolls, shape (n,); who reads downwards scrolls as far as they read.
        wanted: how much each listing is wanted by who reads it, log-odds, shape (n, k).
        can_be_asked: whether its school can be asked, shape (n, k).
        habits: how they read.
    """
    luck = chance.random(wanted.shape)
    would_click = chance.random(wanted.shape) < click_chances(wanted)
    if habits.mistaken:
        would_click |= chance.random(wanted.shape) < habits.mistaken
    would_ask = would_click & can_be_asked
    would_ask &= chance.random(wanted.shape) < request_chances(wanted)
    if habits.examination is Examination.POSITION:
        places = wanted.shape[1]
        looked = (luck < attention(places)) & (np.arange(places) < depth[:, None])
    else:
        looked = _downwards(would_click, would_ask, luck, habits.examination)
        depth = looked.sum(axis=1)
    return Read(depth, looked & would_click, looked & would_ask)


def expect_reading(wanted: Numbers, can_be_asked: Flags, habits: Habits) -> Expected:
    """What ``read_pages`` does on average, exactly, with students who scroll as ``scrolled`` says.

    Args:
        wanted: how much each listing is wanted by who reads it, log-odds, shape (n, k).
        can_be_asked: whether its school can be asked, shape (n, k).
        habits: how they read.
    """
    clicks = click_chances(wanted)
    clicks += habits.mistaken * (1 - clicks)
    asks = clicks * request_chances(wanted) * can_be_asked
    places = wanted.shape[1]
    if habits.examination is Examination.POSITION:
        on_screen = STAY ** np.arange(places)
        looked: Numbers = np.tile(attention(places) * on_screen, (len(wanted), 1))
    else:
        goes_on = 1 - clicks
        if habits.examination is Examination.BAYESIAN:
            goes_on = GOES_ON * (goes_on + (1 - SATISFIED) * (clicks - asks))
        looked = np.ones_like(wanted)
        looked[:, 1:] = np.cumprod(goes_on[:, :-1], axis=1)
    return Expected(looked, looked * clicks, looked * asks)


def _downwards(would_click: Flags, would_ask: Flags, luck: Numbers, how: Examination) -> Flags:
    """Who is looked at when students read from the top until something ends it, shape (n, k)."""
    ends = would_click.copy()
    if how is Examination.BAYESIAN:
        # One number decides both: going on after a click needs both chances.
        goes_on = np.where(would_click, GOES_ON * (1 - SATISFIED), GOES_ON)
        ends = would_ask | (luck >= goes_on)
    looked = np.ones_like(ends)
    looked[:, 1:] = ~np.logical_or.accumulate(ends[:, :-1], axis=1)
    return looked
