"""A catalog built once for all tests of the matcher, and engines on it and on an invented one."""

from pathlib import Path

import pytest

from matcher.catalog import Catalog, open_catalog
from matcher.match import Engine, open_engine
from tests.support.catalogs import small_engine
from tests.support.keys import RANKER_KEY
from tests.support.world import Store


@pytest.fixture(scope="session")
def catalog(store: Store) -> Catalog:
    return open_catalog(store.path / "catalog" / store.catalog)


@pytest.fixture(scope="session")
def ranker_path(store: Store) -> Path:
    return store.path / "ranker" / store.ranker


@pytest.fixture(scope="session")
def real(catalog: Catalog, ranker_path: Path) -> Engine:
    """All programs of the package, served by the prior."""
    return open_engine(catalog.path, ranker_path, RANKER_KEY)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An invented catalog, served by the prior."""
    return small_engine(tmp_path_factory.mktemp("small"))
