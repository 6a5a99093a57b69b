"""Copies of the one store of a test run: the real catalog and the first ranker."""

from pathlib import Path

from matcher.ingest import build_catalog
from matcher.learn.artefact import RankerStore
from matcher.learn.prior import fit_prior
from tests.support import once
from tests.support.keys import RANKER_SEED
from tests.support.world import Store


def copy_store(to: Path) -> Store:
    """Copy the store to a folder that is not there yet."""
    once.copy(_store(), to)
    (catalog,) = (path.name for path in (to / "catalog").iterdir() if path.is_dir())
    (ranker,) = (path.name for path in (to / "ranker").iterdir())
    return Store(to, catalog, ranker)


def prior_ranker(store: Path) -> Path:
    """Put the first ranker into a store; its folder."""
    (fitted,) = (_store() / "ranker").iterdir()
    placed = store / "ranker" / fitted.name
    if not placed.exists():
        placed.parent.mkdir(parents=True, exist_ok=True)
        once.copy(fitted, placed)
    return placed


def _store() -> Path:
    return once.made_once("store", _make)


def _make(path: Path) -> None:
    catalog = build_catalog(path, progress=lambda _: None)
    fit_prior(RankerStore(path, RANKER_SEED), path / "catalog" / catalog, lambda _: None)
