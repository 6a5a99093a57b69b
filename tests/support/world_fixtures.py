"""Fixtures of the real catalog and of a service on it; a plugin, so that one is built for all."""

import pytest
from sqlalchemy import Engine

from models.db.crypto import Keyring
from tests.support.stores import copy_store
from tests.support.world import Store, World, make_settings, make_world


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A folder with the real catalog and the first ranker, for this process alone."""
    return copy_store(tmp_path_factory.mktemp("stores") / "store")


@pytest.fixture
def world(
    engine: Engine, keyring: Keyring, database_url: str, redis_url: str, store: Store
) -> World:
    """A running service with a database and a Valkey of its own."""
    settings = make_settings(store.path, database_url, redis_url)
    return make_world(engine, keyring, settings, store)
