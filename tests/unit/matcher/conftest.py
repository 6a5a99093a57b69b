"""A catalog built once for all tests of the matcher, and engines on it and on an invented one."""

from pathlib import Path

import pytest

from matcher.catalog import Catalog, open_catalog
from matcher.ingest import build_catalog
from matcher.match import Engine, open_engine
from tests.support.catalogs import prior_ranker, small_engine


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def catalog(store: Path) -> Catalog:
    version = build_catalog(store, institutions=None, progress=lambda _: None)
    return open_catalog(store / "catalog" / version)


@pytest.fixture(scope="session")
def ranker_path(store: Path) -> Path:
    return prior_ranker(store)


@pytest.fixture(scope="session")
def real(catalog: Catalog, ranker_path: Path) -> Engine:
    """All programs of the package, served by the prior."""
    return open_engine(catalog.path, ranker_path)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An invented catalog, served by the prior."""
    return small_engine(tmp_path_factory.mktemp("small"))
