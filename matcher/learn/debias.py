"""How likely a listing is looked at: estimated, so that clicks can be read rightly.

A student reads a page downwards. After each listing they read on, with a chance that depends on
whether they clicked it or asked its school; a listing they come to is looked at, with a chance that
depends on its place; one that is looked at is clicked as it is wanted. Three known click models are
special cases: position-based (everybody reads to the end), cascade (a click ends it), dynamic
Bayesian (everywhere a chance to end).

So the chance that a listing is looked at, given what was clicked above it, is

    P(still reading | clicks above) x attention[place]

and a click's chance is that times wanting[features]. All are found in turns: wanting by trees on
clicks per chance to be looked at, the two others by what wanting explains. It works because the
same kind of program stands in many places and below many others. Where attention is known, or was
read off randomised traffic (``randomised``), only wanting is left to find.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.learn.dataset import Examples
from matcher.learn.pages import KINDS, Pages
from matcher.learn.trees import Growing, distinct
from models.domain.matching import PAGE_SIZE

ROUNDS = 12
TREES_A_ROUND = 20
# Clicks as good as this many at each place pull a rare place towards the others' fading, and
# listings as good as this many pull a rare kind towards reading on mostly.
SUPPOSED_CLICKS, SUPPOSED_READ = 20.0, 20.0
USUALLY_READS_ON = np.array([0.95, 0.7, 0.5])
LEAST = 0.01
MOST_WANTED = 0.95
STEPS = 4
# Of more searches than this, evenly chosen ones tell how pages are read.
MOST_SEARCHES = 50_000
_NONE = np.finfo(np.float64).tiny

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """How students read pages; rows 0 and 1: pages that tell impressions, and others.

    ``attention`` (2, ``PAGE_SIZE``): P(looked at | still reading), the first place being 1;
    ``reads_on`` (2, 3): P(reads on) after a listing not clicked, clicked, asked.
    """

    attention: Numbers
    reads_on: Numbers

    def chances(self, pages: Pages, wanted: Numbers) -> Numbers:
        """P(looked at | clicks above) of every place of pages, wanted (pages, ``PAGE_SIZE``)."""
        return _still_reading(self, pages, wanted) * self.attention[pages.kind]

    def beforehand(self, pages: Pages, wanted: Numbers, asking: float) -> Numbers:
        """P(looked at) of every place before any click is known.

        Args:
            pages: the pages.
            wanted: P(clicked | looked at), shape (pages, ``PAGE_SIZE``).
            asking: P(asked | clicked), one for all.
        """
        still = np.ones(len(wanted))
        found = np.empty_like(wanted)
        idle, clicked, asked = self.reads_on[pages.kind].T
        after_a_click = (1 - asking) * clicked + asking * asked
        for place in range(PAGE_SIZE):
            looks = self.attention[pages.kind, place]
            found[:, place] = still * looks
            clicking = looks * wanted[:, place] * pages.shown[:, place]
            still = still * (clicking * after_a_click + (1 - clicking) * idle)
        return found


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found: how pages are read, and what is wanted.

    ``chances`` (n,): of the examples it was found from, P(looked at | clicks above);
    ``by_bucket`` (2 x ``PAGE_SIZE``,) their mean by place, the first of each kind being 1: pages
    that tell impressions, then others. ``asking``: P(asked | clicked).
    """

    reading: Reading
    growing: Growing
    asking: float
    chances: Numbers
    by_bucket: Numbers

    def beforehand(self, examples: Examples) -> Numbers:
        """P(looked at) of any examples before a click of theirs is known, shape (n,)."""
        pages = Pages.of(examples)
        rows, which = distinct(examples.codes)
        wanted = pages.spread(np.minimum(self.growing.rates(rows), MOST_WANTED)[which])
        return np.round(pages.gather(self.reading.beforehand(pages, wanted, self.asking)), 6)


def find_reading(
    examples: Examples, seed: int, rounds: int = ROUNDS, attention: Numbers | None = None
) -> Looked:
    """Find out how pages were read.

    Args:
        examples: listings that were on a screen, by search and place.
        seed: of the trees.
        rounds: how many turns.
        attention: P(looked at) of each place where it is known, shape (2, ``PAGE_SIZE``): then
            everybody is supposed to read to the end, and only what is wanted is found.
    """
    step = -(-len(np.unique(examples.query)) // MOST_SEARCHES)
    some = examples.take(examples.query % step == 0)
    given = None if attention is None else Reading(attention, np.ones((2, KINDS)))
    reading, growing = _in_turns(some, seed, rounds, given)
    pages = Pages.of(examples)
    rows, which = distinct(examples.codes)
    wanted = np.minimum(growing.rates(rows), MOST_WANTED)[which]
    chances = np.round(pages.gather(reading.chances(pages, pages.spread(wanted))), 6)
    asking = float(examples.requested.sum() / max(examples.clicked.sum(), 1))
    return Looked(reading, growing, asking, chances, _by_bucket(examples, chances))


def _in_turns(
    examples: Examples, seed: int, rounds: int, given: Reading | None
) -> tuple[Reading, Growing]:
    pages = Pages.of(examples)
    rows, which = distinct(examples.codes)
    growing = Growing(rows, seed)
    clicks = np.bincount(which, examples.weight * examples.clicked).astype(np.float64)
    reading = given or Reading(
        np.tile(np.arange(1.0, PAGE_SIZE + 1) ** -0.35, (2, 1)), np.tile(USUALLY_READS_ON, (2, 1))
    )
    wanted = np.full(len(examples), min(3 * examples.clicked.mean(), MOST_WANTED))
    for turn in range(rounds):
        spread = pages.spread(wanted)
        for _ in range(0 if given else STEPS):
            reading = _step(reading, pages, spread, move_attention=turn > 0)
        looked = pages.gather(reading.chances(pages, spread))
        weight = np.bincount(which, examples.weight * looked).astype(np.float64)
        growing.grow(clicks / np.maximum(weight, _NONE), weight, TREES_A_ROUND)
        wanted = np.minimum(growing.rates(rows), MOST_WANTED)[which]
    return reading, growing


def _by_bucket(examples: Examples, chances: Numbers) -> Numbers:
    """The mean chance of each bucket; where none was shown, the one before it."""
    count = np.bincount(examples.bucket, examples.weight, minlength=2 * PAGE_SIZE)
    total = np.bincount(examples.bucket, examples.weight * chances, minlength=2 * PAGE_SIZE)
    means = total / np.maximum(count, _NONE)
    for place in range(2 * PAGE_SIZE):
        if not count[place]:
            means[place] = means[place - 1] if place % PAGE_SIZE else 1.0
    means = means.reshape(2, PAGE_SIZE)
    clipped = np.clip(means / means[:, :1], LEAST, 1.0).astype(np.float64)
    return np.round(clipped, 6).ravel()


def _still_reading(reading: Reading, pages: Pages, wanted: Numbers) -> Numbers:
    """P(still reading at a place | clicks above), shape (pages, ``PAGE_SIZE``)."""
    still = np.ones(len(wanted))
    found = np.empty_like(wanted)
    for place in range(PAGE_SIZE):
        found[:, place] = still
        clicking = reading.attention[pages.kind, place] * wanted[:, place] * pages.shown[:, place]
        unclicked = still * (1 - clicking) / (1 - still * clicking)
        acts = pages.acts[:, place]
        still = np.where(acts > 0, 1.0, unclicked) * reading.reads_on[pages.kind, acts]
    return found


def _step(reading: Reading, pages: Pages, wanted: Numbers, *, move_attention: bool) -> Reading:
    """Improve both chances once, wanting as it is."""
    still = _still_reading(reading, pages, wanted)
    reads_on = _reads_on(reading, pages, wanted, still)
    if not move_attention:
        return Reading(reading.attention, reads_on)
    moved = Reading(reading.attention, reads_on)
    still = _still_reading(moved, pages, wanted)
    attention = np.stack(
        [_attention(pages, wanted * still, np.flatnonzero(pages.kind == kind)) for kind in (0, 1)]
    )
    return Reading(attention, reads_on)


def _attention(pages: Pages, expected: Numbers, rows: NDArray[np.int64]) -> Numbers:
    """Clicks of each place over what wanting and reading expect, drawn towards a smooth fading."""
    weight = pages.weight[rows]
    clicks = (weight * (pages.acts[rows] > 0)).sum(axis=0)
    wanted = (weight * expected[rows]).sum(axis=0)
    places = np.log(np.arange(1.0, PAGE_SIZE + 1))
    known = (clicks > 0) & (wanted > 0)
    fading = 0.35
    if known[0] and known[1:].any():
        ratio = np.log(clicks[known] / wanted[known]) - np.log(clicks[0] / wanted[0])
        weights = clicks[known] * places[known]
        fading = max(float(-(weights @ ratio) / (weights @ places[known])), 0.0)
    level = clicks[0] / wanted[0] if known[0] else 1.0
    smooth = np.exp(-fading * places)
    attention = (clicks + SUPPOSED_CLICKS * smooth) / (wanted * level + SUPPOSED_CLICKS)
    clipped: Numbers = np.clip(attention / attention[0], LEAST, 1.0)
    return clipped


def _reads_on(reading: Reading, pages: Pages, wanted: Numbers, still: Numbers) -> Numbers:
    """How often readers read on after each kind of act, in the light of all of their clicks."""
    clicking = reading.attention[pages.kind] * wanted * pages.shown
    happens = np.where(pages.acts > 0, clicking, 1 - clicking)
    on = reading.reads_on[pages.kind[:, None], pages.acts]
    # P(the rest of the page | still reading), and when no longer reading: 1 where nobody clicks.
    rest, silent = np.ones(len(wanted)), np.ones(len(wanted), bool)
    read, stayed = np.zeros((2, 2, KINDS))
    # One number for a page: whole searches stand for others.
    weight = pages.weight.max(axis=1)
    for place in range(PAGE_SIZE - 1, -1, -1):
        goes = on[:, place] * rest
        ends = (1 - on[:, place]) * silent
        counts = weight * (place < pages.last)
        whole = happens[:, place] * (goes + ends)
        clicked_from_here = ~silent | (pages.acts[:, place] > 0)
        chance = still[:, place] * whole
        chance = chance / (chance + (1 - still[:, place]) * ~clicked_from_here)
        went = chance * goes / (goes + ends)
        at = pages.kind * KINDS + pages.acts[:, place]
        read += np.bincount(at, chance * counts, 2 * KINDS).reshape(2, KINDS)
        stayed += np.bincount(at, went * counts, 2 * KINDS).reshape(2, KINDS)
        # Beyond the last listing nothing is known: as if the page ended there.
        rest = np.where(place <= pages.last, whole, 1.0)
        silent = ~clicked_from_here
    found: Numbers = (stayed + SUPPOSED_READ * USUALLY_READS_ON) / (read + SUPPOSED_READ)
    return found
