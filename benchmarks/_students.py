"""Simulated students in front of real programs: searches, slates, and what students do with them.

The catalog is the real one and the first ranker put its programs in order. Of the first
``CANDIDATES`` of a search, the first page is shown, with the shipped share of exploration; the
others are there to be put in order by a ranker that never saw them clicked.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._load import a_slate
from matcher import match
from matcher.explore import arrange
from matcher.ingest import build_catalog
from matcher.learn.artefact import RankerStore
from matcher.learn.dataset import Examples
from matcher.learn.prior import fit_prior
from matcher.learn.simulate_clicks import (
    Expected,
    Habits,
    Read,
    expect_reading,
    read_pages,
    scrolled,
)
from matcher.learn.simulate_students import Population
from matcher.learn.simulate_truth import (
    Tastes,
    click_chances,
    request_chances,
    school_qualities,
    wishes,
)
from matcher.match import Engine, open_engine
from matcher.signature import public_key
from models.domain.matching import PAGE_SIZE, SEEDS, Answers

CANDIDATES, LEAST_CANDIDATES = 60, 40
EXPLORED = 0.05
CLICK_GAIN, REQUEST_GAIN = 1.0, 3.0
# How many kinds of students, from calm to eager, stand for all of them in an expectation.
EAGER = 15
# Signs a ranker that nobody else will read.
_SEED = bytes(32)

Numbers = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Searches:
    """Searches, one after the other, with n listings in all, in the order of the first ranker.

    ``codes`` (n, features), ``unitid`` (n,), ``query`` (n,); ``first`` (searches,) where each
    begins.
    """

    codes: NDArray[np.uint8]
    unitid: NDArray[np.int64]
    query: NDArray[np.int32]
    first: Rows

    def shown(self, searches: Rows) -> Rows:
        """The rows of the first pages of searches, shape (searches, ``PAGE_SIZE``)."""
        rows: Rows = self.first[searches][:, None] + np.arange(PAGE_SIZE)
        return rows


def real_engine(folder: Path) -> Engine:
    """The real catalog and the first ranker, made in a folder."""
    catalog = folder / "catalog" / build_catalog(folder, progress=lambda _: None)
    signing = RankerStore(folder, _SEED)
    ranker = folder / "ranker" / fit_prior(signing, catalog, lambda _: None)
    return open_engine(catalog, ranker, public_key(_SEED))


def draw_searches(count: int, seed: int) -> Searches:
    """Let so many students search who find enough to choose from."""
    with tempfile.TemporaryDirectory() as folder:
        engine = real_engine(Path(folder))
        catalog = engine.catalog
        fields = dict.fromkeys(catalog.cips, ())
        people = Population(catalog.regions, catalog.cips, engine.index, engine.places, fields)
        codes: list[NDArray[np.uint8]] = []
        unitids: list[NDArray[np.int64]] = []
        sizes: list[int] = []
        number = 0
        while len(sizes) < count:
            found = _search(engine, people, np.random.default_rng([seed, number]), number)
            number += 1
            if len(found[1]) >= LEAST_CANDIDATES:
                codes.append(found[0])
                unitids.append(found[1])
                sizes.append(len(found[1]))
    return Searches(
        np.concatenate(codes),
        np.concatenate(unitids),
        np.repeat(np.arange(count, dtype=np.int32), sizes),
        np.cumsum([0, *sizes[:-1]]),
    )


def _search(
    engine: Engine, people: Population, chance: np.random.Generator, number: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    student = people.draw(chance)
    answers = Answers(
        education_level=student.education_level,
        postal_code=student.postal_code.text if student.postal_code else None,
        region=student.region,
        fields=(student.field,) if student.field else (),
        format=student.format,
    )
    drawn = match.draw(engine, a_slate(number, answers, ()))
    first = match.page(engine, drawn, 1)
    pages = min(CANDIDATES, first.total) // PAGE_SIZE
    listings = list(first.listings)
    for page in range(2, pages + 1):
        listings += match.page(engine, drawn, page).listings
    codes = np.array([one.codes for one in listings], np.uint8)
    return codes, np.array([one.school.unitid for one in listings], np.int64)


@dataclass(frozen=True)
class Drawn:
    """How chance put listings on pages, (pages, ``PAGE_SIZE``) each, and on which it drew at all.

    ``order``: the plain place of who stands at each place; ``propensity``: how likely that was.
    """

    order: Rows
    propensity: Numbers
    explored: NDArray[np.bool_]


@dataclass(frozen=True)
class World:
    """Searches with what is wanted in them, known: ``wanted`` and ``gain`` (n,).

    ``wanted``: log-odds by the tables, by the hidden quality of schools and by what is peculiar to
    a listing; ``gain``: the expected gain of a listing that is looked at by a usual student.
    """

    searches: Searches
    wanted: Numbers
    gain: Numbers
    tastes: Tastes

    @classmethod
    def of(cls, searches: Searches, chance: np.random.Generator) -> "World":
        """Draw what no feature tells."""
        tastes = Tastes()
        wanted = wishes(searches.codes) + school_qualities(searches.unitid, tastes.school)
        wanted += tastes.listing * chance.standard_normal(len(wanted))
        asked = request_chances(wanted)
        gain = click_chances(wanted) * (CLICK_GAIN + REQUEST_GAIN * asked)
        return cls(searches, wanted, gain, tastes)

    def visit(
        self,
        chance: np.random.Generator,
        searches: Rows,
        sessions: int,
        habits: Habits,
        explored: float = EXPLORED,
    ) -> tuple[Examples, Rows]:
        """Let so many students make each search and read its first page.

        Returns:
            What is logged, and the row of each example.
        """
        rows = np.repeat(self.searches.shown(searches), sessions, axis=0)
        drawn = _explored(chance, len(rows), explored)
        rows = np.take_along_axis(rows, drawn.order, axis=1)
        return logged(self.searches, rows, self.read(chance, rows, habits), drawn), rows.ravel()

    def read(self, chance: np.random.Generator, rows: Rows, habits: Habits) -> Read:
        """Let a student read each of some pages, shape (pages, listings)."""
        eager = 1 + self.tastes.student * chance.standard_normal((len(rows), 1))
        wanted, everybody = self.wanted[rows] * eager, np.ones(rows.shape, bool)
        depth = scrolled(chance, *rows.shape)
        return read_pages(chance, wanted, everybody, depth, habits)

    def expected(self, rows: Rows, habits: Habits) -> Expected:
        """What students do with pages on average, shape (pages, listings), without any drawing."""
        everybody = np.ones(rows.shape, bool)
        totals = np.zeros((3, *rows.shape))
        for eager, share in zip(*_eager(self.tastes.student), strict=True):
            found = expect_reading(self.wanted[rows] * eager, everybody, habits)
            totals += share * np.array([found.looked, found.clicked, found.asked])
        return Expected(*totals)

    def earned(self, rows: Rows, habits: Habits) -> float:
        """What a page with these listings earns, mean over pages and over students."""
        found = self.expected(rows, habits)
        gains = CLICK_GAIN * found.clicked + REQUEST_GAIN * found.asked
        return float(gains.sum() / len(gains))


def _eager(spread: float) -> tuple[Numbers, Numbers]:
    """How much students weigh wishes, and how many do: a normal distribution in a few points."""
    points, shares = np.polynomial.hermite_e.hermegauss(EAGER)
    return 1 + spread * points, shares / shares.sum()


def _explored(chance: np.random.Generator, pages: int, share: float) -> Drawn:
    """Let chance have its share of first pages; all listings may change places."""
    alike = np.zeros(PAGE_SIZE, np.int64)
    drawn = [arrange(alike, share, int(seed)) for seed in chance.integers(0, SEEDS, pages)]
    return Drawn(
        np.array([one.order for one in drawn]),
        np.array([one.propensities for one in drawn]),
        np.array([one.explored for one in drawn]),
    )


def logged(searches: Searches, rows: Rows, read: Read, drawn: Drawn | None = None) -> Examples:
    """What a log tells of pages, shape (pages, ``PAGE_SIZE``): everything was on the screen."""
    pages, flat = len(rows), rows.ravel()
    place = np.tile(np.arange(PAGE_SIZE), pages)
    plain = place + 1 if drawn is None else drawn.order.ravel() + 1
    explored = np.zeros(pages, bool) if drawn is None else drawn.explored
    return Examples(
        codes=searches.codes[flat],
        query=np.repeat(np.arange(pages, dtype=np.int32), PAGE_SIZE),
        bucket=place.astype(np.int16),
        propensity=np.ones(len(flat)) if drawn is None else drawn.propensity.ravel(),
        organic=(place + 1).astype(np.int32),
        clicked=read.clicked.ravel(),
        requested=read.asked.ravel(),
        could_ask=np.ones(len(flat), bool),
        unitid=searches.unitid[flat],
        cip=np.zeros(len(flat), "U5"),
        advertised=np.zeros(len(flat), bool),
        plain=plain.astype(np.int32),
        explored=np.repeat(explored, PAGE_SIZE),
    )
