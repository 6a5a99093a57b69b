"""A log of simulated students, made in memory and written down where it is read."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from uuid import UUID

import numpy as np

from matcher.learn.dataset import Dataset
from matcher.learn.dataset_build import Rules
from matcher.learn.simulate_students import Population, SimulatedStudent
from matcher.learn.simulate_truth import Tastes
from matcher.learn.simulate_visits import PageSeen, visit_page
from matcher.match import Engine, draw, page
from models.domain.matching import Answers, CampaignOffer, RequestChannel, Slate
from models.domain.slates import page_record
from tests.support.catalogs import CIPS, a_slate
from tests.support.logs import Happened, Served, dataset_of

EXACT = Tastes(student=0.0, school=0.0, listing=0.0)


# A search a minute; nobody reads a page for longer.
FIRST, APART, READ = datetime(2026, 10, 1, tzinfo=UTC), timedelta(minutes=1), timedelta(seconds=30)


@dataclass(frozen=True)
class Log:
    """Pages and what happened to them, all of it known."""

    pages: list[Served]
    events: list[Happened]

    def dataset(self) -> Dataset:
        return self._built

    @cached_property
    def _built(self) -> Dataset:
        """Written and read once: what is known does not change."""
        rules = Rules(now=max(page.at for page in self.pages) + timedelta(days=1))
        with tempfile.TemporaryDirectory() as folder:
            return dataset_of(Path(folder), self.pages, self.events, rules)


def population_of(engine: Engine) -> Population:
    """Students who look for the fields of an invented catalog, without everyday names."""
    names: dict[str, tuple[str, ...]] = dict.fromkeys(CIPS, ())
    catalog = engine.catalog
    return Population(catalog.regions, catalog.cips, engine.index, engine.places, names)


def simulated_log(
    engine: Engine,
    searches: int,
    seed: int = 1,
    *,
    can_be_asked: Callable[[int], bool] = lambda unitid: unitid % 3 == 0,
    simulated: bool = True,
    offers: Sequence[CampaignOffer] = (),
) -> Log:
    """Let students come to an engine."""
    population = population_of(engine)
    log = Log([], [])
    for number in range(searches):
        chance = np.random.default_rng([seed, number])
        student = population.draw(chance)
        slate = replace(a_slate(engine, _answers(student), offers), id=UUID(int=number + 1))
        _visit(engine, slate, chance, log, can_be_asked, simulated=simulated)
    return log


def _visit(
    engine: Engine,
    slate: Slate,
    chance: np.random.Generator,
    log: Log,
    can_be_asked: Callable[[int], bool],
    *,
    simulated: bool,
) -> None:
    shown = page(engine, draw(engine, slate), 1)
    ways = {
        one.position: RequestChannel.HERE
        if can_be_asked(one.school.unitid)
        else RequestChannel.SCHOOL_SITE
        for one in shown.listings
    }
    record = page_record(shown, demonstration=False, channels=ways)
    at = FIRST + len(log.pages) * APART
    log.pages.append(
        Served(
            slate.id,
            at,
            record.listings,
            simulated=simulated,
            catalog_version=slate.catalog_version,
            ranker_version=slate.ranker_version,
        )
    )
    seen = PageSeen(
        np.array([one.codes for one in shown.listings], np.uint8).reshape(len(ways), -1),
        np.array([one.school.unitid for one in shown.listings], np.int64),
        np.array([way is RequestChannel.HERE for way in ways.values()], bool),
    )
    log.events.extend(
        Happened(slate.id, act.kind, act.row + 1, at + READ)
        for act in visit_page(chance, seen, EXACT, 4)
    )


def _answers(student: SimulatedStudent) -> Answers:
    return Answers(
        education_level=student.education_level,
        postal_code=student.postal_code.text if student.postal_code else None,
        region=student.region,
        fields=(student.field,) if student.field else (),
        format=student.format,
    )
