"""Writes a ranker's folder: trees as arrays, card, estimator, manifest with a hash of each.

``STORE/ranker/<version>/``; the version is a hash of what decides an order (trees, calibration and
the declarations of the features they read), so the same ranker has the same name everywhere.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from matcher.card import card_markdown
from matcher.features.declared import declarations_hash
from matcher.forest import FOREST_ARRAYS, FlatForest
from matcher.learn.canonical import dump
from matcher.registry import CARD, CARD_FOR_PEOPLE, ESTIMATOR, MANIFEST, ranker_version


def write_ranker(store: Path, forest: FlatForest, card: Mapping[str, Any], estimator: Any) -> str:
    """Write a ranker, atomically; one that is already there is left alone.

    Args:
        store: the store of catalogs and rankers.
        forest: the trees as they will serve.
        card: ``provenance``, ``calibration`` and how it was made; no times, so that the same
            inputs give the same bytes.
        estimator: the fitted scikit-learn estimator, kept for whoever wants to look.

    Returns:
        The version.
    """
    version = ranker_version(forest, card)
    home = store / "ranker"
    home.mkdir(parents=True, exist_ok=True)
    if (home / version / MANIFEST).exists():
        return version
    folder = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
    for name in FOREST_ARRAYS:
        np.save(folder / f"{name}.npy", getattr(forest, name))
    (folder / ESTIMATOR).write_bytes(dump(estimator))
    full = {"version": version, "features": declarations_hash(), **card}
    (folder / CARD).write_text(json.dumps(full, indent=1, sort_keys=True))
    (folder / CARD_FOR_PEOPLE).write_text(card_markdown(full))
    hashes = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    (folder / MANIFEST).write_text(json.dumps({"version": version, "files": hashes}, indent=1))
    folder.chmod(0o755)
    _publish(folder, home / version)
    return version


def _publish(folder: Path, target: Path) -> None:
    try:
        folder.rename(target)
    except OSError:
        # Somebody wrote the same version meanwhile: its bytes are ours.
        if not (target / MANIFEST).exists():
            raise
        shutil.rmtree(folder)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
