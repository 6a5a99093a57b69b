"""Simulated students on the real road: each search goes through the step that pages and API use.

What serving would write to Valkey is kept here and written with the visit's events, some searches
in one transaction, so that whoever stops the run leaves whole visits. Every search is marked.
Nobody's data is made up: a simulated request is an event, never a request, a lead or a person.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

import numpy as np

from matcher.learn.simulate_clicks import Habits
from matcher.learn.simulate_students import Population, SimulatedStudent
from matcher.learn.simulate_truth import Tastes
from matcher.learn.simulate_visits import (
    MOST_REQUESTS,
    Act,
    PageSeen,
    game_page,
    turns_the_page,
    visit_page,
)
from models.domain.clock import FixedClock
from models.domain.ids import new_id
from models.domain.matching import RequestChannel, Slate
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.slates import EventKind, PageRecord, ServedEvent
from service.services import Services
from service.steps.find_matches import find_matches
from service.steps.inputs import SearchInput, Visitor
from service.steps.outputs import Matches

BATCH = 100
GAMING_SHARE = 0.05
_NOBODY = Visitor(address="simulated")


def _as_found(found: Matches) -> Matches:
    return found


@dataclass
class Tally:
    """What a run has made so far."""

    searches: int = 0
    impressions: int = 0
    clicks: int = 0
    requests: int = 0
    accepted: int = 0


@dataclass
class Batch:
    """Searches waiting to be written; also the slate keeper of the steps, marking all it keeps."""

    served: list[tuple[Slate, PageRecord]] = field(default_factory=list)
    events: list[tuple[UUID, list[ServedEvent], datetime]] = field(default_factory=list)

    @contextmanager
    def keeping(self, slate: Slate, page: PageRecord, *, new: bool, address: str) -> Iterator[None]:
        """Store a slate and a page until the batch is written."""
        del new, address
        self.served.append((replace(slate, simulated=True), page))
        yield

    def find(self, slate_id: UUID) -> Slate | None:
        """Return a slate of this batch."""
        return next((slate for slate, _ in self.served if slate.id == slate_id), None)

    def admit(self, address: str) -> None:
        """Let everybody in: there is no address to protect anybody from."""

    def answers(self) -> bool:
        """Say that slates can be kept."""
        return True

    def write(self, unit_of_work: UnitOfWorkFactory) -> None:
        """Write everything in one transaction."""
        with unit_of_work() as work:
            work.slates.add(self.served)
            for slate_id, events, at in self.events:
                work.slates.add_events(slate_id, events, at)
        self.served.clear()
        self.events.clear()


@dataclass(frozen=True)
class PastDays:
    """Days until ``end``, of which ``clock`` tells the moment; whoever is served goes by it."""

    clock: FixedClock
    end: datetime
    length: timedelta

    def to(self, share: float) -> None:
        """Go to where such a share of the days has passed."""
        self.clock.at = self.end - (1 - share) * self.length


@dataclass(frozen=True)
class Simulation:
    """A service, a batch that its slates go to, and the students who come.

    ``habits``: how they read; ``month`` of the year in which they come, None for no season;
    ``gaming`` the unitid of a school whose helpers are ``GAMING_SHARE`` of the visitors; ``days``
    that are past, over which they come evenly; None: all come now.
    """

    services: Services
    batch: Batch
    population: Population
    seed: int
    tastes: Tastes = field(default_factory=Tastes)
    habits: Habits = field(default_factory=Habits)
    month: int | None = None
    gaming: int | None = None
    days: "PastDays | None" = None

    def run(self, searches: int, progress: Callable[[Tally], None]) -> Tally:
        """Let students come, one after the other; an interrupt keeps whole batches.

        Args:
            searches: how many.
            progress: told after each batch that was written.
        """
        tally, written = Tally(), Tally()
        for number in range(searches):
            if self.days:
                self.days.to(number / searches)
            self._visit(np.random.default_rng([self.seed, number]), tally)
            if tally.searches % BATCH == 0 or tally.searches == searches:
                self.batch.write(self.services.unit_of_work)
                written = replace(tally)
                progress(written)
        return written

    def _visit(self, chance: np.random.Generator, tally: Tally) -> None:
        matches = self._search(self.population.draw(chance, self.month))
        tally.searches += 1
        left = MOST_REQUESTS
        for page in self._pages(chance, matches):
            left -= self._read(chance, page, left, tally)

    def _acts(self, chance: np.random.Generator, seen: PageSeen, left: int) -> list[Act]:
        if self.gaming is not None and chance.random() < GAMING_SHARE:
            return game_page(seen, self.gaming)
        return visit_page(chance, seen, self.tastes, left, self.habits)

    def _search(self, student: SimulatedStudent) -> Matches:
        asked = SearchInput(
            education_level=student.education_level,
            postal_code=student.postal_code,
            region=student.region,
            field=student.field,
            query=student.query,
            format=student.format,
        )
        return find_matches(self.services, asked, _NOBODY, _as_found)

    def _pages(self, chance: np.random.Generator, first: Matches) -> Iterator[Matches]:
        yield first
        number, pages = 2, first.page.pages
        while number <= pages and turns_the_page(chance):
            again = SearchInput(slate_id=first.slate.id, page=number)
            yield find_matches(self.services, again, _NOBODY, _as_found)
            number += 1

    def _read(self, chance: np.random.Generator, page: Matches, left: int, tally: Tally) -> int:
        """Let a student read a page; return how many schools were asked."""
        listings = page.listings
        seen = PageSeen(
            codes=np.array([shown.listing.codes for shown in listings], np.uint8),
            unitids=np.array([shown.listing.school.unitid for shown in listings], np.int64),
            can_be_asked=np.array([s.request is RequestChannel.HERE for s in listings], bool),
        )
        acts = self._acts(chance, seen, left)
        if not acts:
            return 0
        now, kinds = self.services.clock.now(), []
        for days, together in groupby(acts, lambda act: act.days):
            at = now + timedelta(days=days)
            if self.days and at > self.days.end:
                # Nobody has answered yet.
                continue
            events = [
                ServedEvent(new_id(at), act.kind, shown.id, shown.listing.position)
                for act in together
                for shown in (listings[act.row],)
            ]
            self.batch.events.append((page.slate.id, events, at))
            kinds += [event.kind for event in events]
        tally.impressions += kinds.count(EventKind.IMPRESSION)
        tally.clicks += kinds.count(EventKind.CLICK)
        tally.requests += kinds.count(EventKind.REQUEST)
        tally.accepted += kinds.count(EventKind.ACCEPTED)
        return kinds.count(EventKind.REQUEST)
