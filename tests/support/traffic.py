"""A log of simulated students, made in memory: what the database would tell of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from matcher.features.declared import declarations_hash
from matcher.learn.dataset import Dataset, build_dataset
from matcher.learn.simulate_students import Population, SimulatedStudent
from matcher.learn.simulate_truth import Tastes
from matcher.learn.simulate_visits import PageSeen, visit_page
from matcher.match import Engine, draw, page
from models.domain.matching import Answers, RequestChannel
from models.domain.slates import page_record
from models.domain.training_log import LoggedEvent, LoggedPage
from tests.support.catalogs import CIPS, a_slate

EXACT = Tastes(student=0.0, school=0.0, listing=0.0)


@dataclass(frozen=True)
class Log:
    """Pages and events, as the port yields them."""

    pages: list[LoggedPage]
    events: list[LoggedEvent]
    declarations: dict[str, str]

    def dataset(self) -> Dataset:
        return build_dataset(self.pages, self.events, self.declarations)


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
) -> Log:
    """Let students come to an engine."""
    population = population_of(engine)
    log = Log([], [], {engine.ranker.version: declarations_hash()})
    for number in range(searches):
        chance = np.random.default_rng([seed, number])
        _visit(engine, population.draw(chance), chance, log, can_be_asked, simulated=simulated)
    return log


def _visit(
    engine: Engine,
    student: SimulatedStudent,
    chance: np.random.Generator,
    log: Log,
    can_be_asked: Callable[[int], bool],
    *,
    simulated: bool,
) -> None:
    slate = replace(a_slate(engine, _answers(student)), id=UUID(int=len(log.pages) + 1))
    shown = page(engine, draw(engine, slate), 1)
    ways = {
        one.position: RequestChannel.HERE
        if can_be_asked(one.school.unitid)
        else RequestChannel.SCHOOL_SITE
        for one in shown.listings
    }
    record = page_record(shown, demonstration=False, channels=ways)
    log.pages.append(
        LoggedPage(
            slate.id,
            slate.created_at,
            simulated,
            slate.catalog_version,
            slate.ranker_version,
            1,
            record.listings,
        )
    )
    seen = PageSeen(
        np.array([one.codes for one in shown.listings], np.uint8).reshape(len(ways), -1),
        np.array([one.school.unitid for one in shown.listings], np.int64),
        np.array([way is RequestChannel.HERE for way in ways.values()], bool),
    )
    log.events.extend(
        LoggedEvent(slate.id, act.kind, act.row + 1) for act in visit_page(chance, seen, EXACT, 4)
    )


def _answers(student: SimulatedStudent) -> Answers:
    return Answers(
        education_level=student.education_level,
        postal_code=student.postal_code.text if student.postal_code else None,
        region=student.region,
        fields=(student.field,) if student.field else (),
        format=student.format,
    )
