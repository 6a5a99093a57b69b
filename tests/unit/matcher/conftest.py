"""A catalog built once for all tests of the matcher."""

from pathlib import Path

import pytest

from matcher.catalog import Catalog, open_catalog
from matcher.ingest import build_catalog


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def catalog(store: Path) -> Catalog:
    version = build_catalog(store, institutions=None, progress=lambda _: None)
    return open_catalog(store / "catalog" / version)
