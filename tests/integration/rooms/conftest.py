"""The rooms of staff on real servers, with a small catalog and a clock that tests move."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from config.settings import Settings
from matcher.match import Engine as Matcher
from matcher.match import open_engine
from models.db.crypto import Keyring
from models.domain.clock import FixedClock
from models.domain.gate import Condition, gate_document
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from models.domain.staff import Role
from service.app import Parts, create_app
from service.services import ServingState
from tests.support.catalogs import write_catalog
from tests.support.keys import RANKER_KEY
from tests.support.leads import NOW, Leads
from tests.support.staff import Person, Rooms
from tests.support.stores import prior_ranker
from tests.support.world import make_settings


class Serves:
    """What serves: one engine, whatever version is asked for."""

    def __init__(self, engine: Matcher) -> None:
        self._engine = engine

    def state(self) -> ServingState:
        return ServingState(self._engine, "catalog-1", "ranker-1", False, (), {})

    def engine(self, _catalog_version: str, ranker_version: str) -> Matcher | None:
        if ranker_version == "elsewhere":
            return None
        ranker = replace(self._engine.ranker, version=ranker_version)
        if ranker_version == "ranker-2":
            ranker = replace(ranker, provenance="simulated")
        if ranker_version == "spoiled":
            failed = Condition("segments", passed=False, figure="NY: -0.2", limit="none worse")
            gate = gate_document((failed,), champion="ranker-1", catalog="catalog-1")
            ranker = replace(ranker, card={**ranker.card, "gate": gate})
        return replace(self._engine, ranker=ranker)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    store = tmp_path_factory.mktemp("small")
    return open_engine(write_catalog(store), prior_ranker(store), RANKER_KEY)


@pytest.fixture
def settings(database_url: str, redis_url: str) -> Settings:
    return make_settings(Path("/nowhere"), database_url, redis_url)


@pytest.fixture
def rooms(
    engine: Engine,
    keyring: Keyring,
    unit_of_work: UnitOfWorkFactory,
    settings: Settings,
    small: Matcher,
) -> Rooms:
    clock = FixedClock(NOW)
    parts = Parts(clock, unit_of_work, Serves(small), nudge=lambda: None)
    app = create_app(settings, parts)
    found = Rooms(app, unit_of_work, clock, Leads(engine, keyring))
    for name, unitid in (("A", 194240), ("B", 194241)):
        found.schools[name] = found.leads.school(f"https://{name}.example/hook", unitid=unitid)
    return found


@pytest.fixture
def admin_a(rooms: Rooms) -> Person:
    return rooms.person("admin@a.example", rooms.schools["A"].organization_id, Role.ADMIN)


@pytest.fixture
def member_a(rooms: Rooms) -> Person:
    return rooms.person("member@a.example", rooms.schools["A"].organization_id)


@pytest.fixture
def member_b(rooms: Rooms) -> Person:
    return rooms.person("member@b.example", rooms.schools["B"].organization_id)


@pytest.fixture
def operator(rooms: Rooms) -> Person:
    return rooms.person("operator@example.com", operator=True)
