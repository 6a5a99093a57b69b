"""Writes a ranker's folder: trees as arrays, card, estimator, manifest with a hash of each.

``STORE/ranker/<version>/``; the version is a hash of what decides an order (trees of its order
and of its chances, and the declarations of the features they read), so the same ranker has the same
name everywhere.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from matcher.card import card_markdown
from matcher.chances import CHANCES, ChanceForests
from matcher.features.declared import declarations_hash
from matcher.forest import FOREST_ARRAYS, FlatForest
from matcher.learn.canonical import dump
from matcher.registry import (
    CARD,
    CARD_FOR_PEOPLE,
    MANIFEST,
    ServedRanker,
    open_ranker,
    ranker_version,
)
from matcher.signature import public_key, signed


@dataclass(frozen=True, slots=True)
class RankerStore:
    """Where rankers are written, and the 32 secret bytes that sign them."""

    path: Path
    seed: bytes

    def open(self, version: str) -> ServedRanker:
        """Open a ranker of the store."""
        return open_ranker(self.path / "ranker" / version, public_key(self.seed))


@dataclass(frozen=True, slots=True)
class Model:
    """The trees as they will serve, and the scikit-learn estimators that they were made from.

    ``estimators`` by file name, kept for whoever wants to look.
    """

    forest: FlatForest
    chances: ChanceForests
    estimators: Mapping[str, Any]


def write_ranker(store: RankerStore, model: Model, card: Mapping[str, Any]) -> str:
    """Write a ranker, atomically; one that is there with other words or another key is replaced.

    Args:
        store: the store, and the key that signs.
        model: what it is.
        card: ``provenance`` and how it was made; no times, so that the same inputs give the same
            bytes.

    Returns:
        The version.
    """
    version = ranker_version(model.forest, model.chances)
    home = store.path / "ranker"
    home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
    forests = {"": model.forest, **{f"{name}_": getattr(model.chances, name) for name in CHANCES}}
    for prefix, forest in forests.items():
        for name in FOREST_ARRAYS:
            np.save(folder / f"{prefix}{name}.npy", getattr(forest, name))
    for name, estimator in model.estimators.items():
        (folder / name).write_bytes(dump(estimator))
    full = {"version": version, "features": declarations_hash(), **card}
    (folder / CARD).write_text(json.dumps(full, indent=1, sort_keys=True))
    (folder / CARD_FOR_PEOPLE).write_text(card_markdown(full))
    hashes = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    manifest = signed({"version": version, "files": hashes}, store.seed)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1))
    folder.chmod(0o755)
    _publish(folder, home / version)
    return version


def _publish(folder: Path, target: Path) -> None:
    """Put a folder in its place; where one stands with the same manifest, that one stays."""
    manifest = target / MANIFEST
    if manifest.exists() and manifest.read_bytes() == (folder / MANIFEST).read_bytes():
        shutil.rmtree(folder)
        return
    if target.exists():
        before = Path(tempfile.mkdtemp(prefix=".old-", dir=target.parent))
        target.rename(before / target.name)
        folder.rename(target)
        shutil.rmtree(before)
    else:
        folder.rename(target)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
