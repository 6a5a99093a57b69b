"""Turns a fitted HistGradientBoosting into a flat forest of fixed-point integers."""

from typing import Any

import numpy as np

from matcher.features.declared import FEATURES, Group
from matcher.forest import CROSS_TREES, LEAF, PROGRAM_TREES, SCALE, FlatForest

_PROGRAM = {place for place, f in enumerate(FEATURES) if f.group is Group.PROGRAM}
_CROSS = {place for place, f in enumerate(FEATURES) if f.group is Group.CROSS}


def flatten(estimator: Any) -> FlatForest:
    """Export a fitted regressor's trees.

    scikit-learn keeps them in private attributes; the parity test pins what we rely on.

    Raises:
        ValueError: when a tree mixes program with cross features.
    """
    trees = [stage[0].nodes for stage in estimator._predictors]  # noqa: SLF001 - no public way
    baseline = float(np.ravel(estimator._baseline_prediction)[0])  # noqa: SLF001 - no public way
    nodes = np.concatenate(trees)
    root = np.cumsum([0, *(len(tree) for tree in trees[:-1])]).astype(np.int32)
    offset = np.repeat(root, [len(tree) for tree in trees])
    leaf = nodes["is_leaf"].astype(bool)
    # Codes are whole numbers, so "up to 4.5" is "up to 4"; leaves have no threshold.
    threshold = np.where(leaf, 0, np.floor(nodes["num_threshold"]))
    return FlatForest(
        feature=np.where(leaf, LEAF, nodes["feature_idx"]).astype(np.int16),
        threshold=threshold.astype(np.uint8),
        left=np.where(leaf, 0, nodes["left"] + offset).astype(np.int32),
        right=np.where(leaf, 0, nodes["right"] + offset).astype(np.int32),
        value=np.where(leaf, np.rint(nodes["value"] * SCALE), 0).astype(np.int32),
        root=root,
        group=np.array([_group(tree) for tree in trees], np.uint8),
        baseline=np.array([np.rint(baseline * SCALE)], np.int32),
    )


def _group(tree: Any) -> int:
    used = set(tree["feature_idx"][tree["is_leaf"] == 0].tolist())
    if used & _PROGRAM and used & _CROSS:
        raise ValueError("a tree mixes program with cross features: fit with interaction_cst")
    return CROSS_TREES if used & _CROSS else PROGRAM_TREES
