"""Turns a fitted HistGradientBoosting into a flat forest of fixed-point integers."""

from typing import Any

import numpy as np

from matcher.features.declared import FEATURES, Group
from matcher.forest import CROSS_TREES, LEAF, PROGRAM_TREES, SCALE, FlatForest
from matcher.learn.trees import as_codes

_PROGRAM = {place for place, f in enumerate(FEATURES) if f.group is Group.PROGRAM}
_CROSS = {place for place, f in enumerate(FEATURES) if f.group is Group.CROSS}


def flatten(estimator: Any) -> FlatForest:
    """Export a fitted regressor's trees.

    A tree may split on the request first and then on program features in one branch and cross
    features in another: it becomes two trees, each 0 where the other speaks.

    scikit-learn keeps them in private attributes; the parity test pins what we rely on.

    Raises:
        ValueError: when a branch mixes program with cross features.
    """
    fitted = [_in_codes(stage[0].nodes) for stage in estimator._predictors]  # noqa: SLF001 - no public way
    baseline = float(np.ravel(estimator._baseline_prediction)[0])  # noqa: SLF001 - no public way
    parts = [part for tree in fitted for part in _by_group(tree)]
    groups, trees = [group for group, _ in parts], [tree for _, tree in parts]
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
        group=np.array(groups, np.uint8),
        baseline=np.array([np.rint(baseline * SCALE)], np.int32),
    )


def _in_codes(tree: Any) -> Any:
    """A tree whose splits are of features, not of columns."""
    nodes = tree.copy()
    for place in np.flatnonzero(tree["is_leaf"] == 0):
        column, threshold = int(tree["feature_idx"][place]), float(tree["num_threshold"][place])
        nodes["feature_idx"][place], nodes["num_threshold"][place] = as_codes(column, threshold)
    return nodes


def _by_group(tree: Any) -> list[tuple[int, Any]]:
    """A tree as it is when it knows one group, else as one tree a group."""
    used = set(tree["feature_idx"][tree["is_leaf"] == 0].tolist())
    if not used & _CROSS:
        return [(PROGRAM_TREES, tree)]
    if not used & _PROGRAM:
        return [(CROSS_TREES, tree)]
    return [(group, _part(tree, group)) for group in (PROGRAM_TREES, CROSS_TREES)]


def _part(tree: Any, group: int) -> Any:
    """One group's part of a tree: its branches, and 0 where they are the other group's."""
    kept: list[Any] = []

    def keep(place: int, branch: int | None) -> int:
        node, here = tree[place].copy(), len(kept)
        kept.append(node)
        if not node["is_leaf"]:
            branch = _branch(int(node["feature_idx"]), branch)
        if branch not in (None, group):
            node["is_leaf"], node["value"] = 1, 0.0
        elif node["is_leaf"]:
            # Where nothing but the request was asked, the program's part speaks.
            node["value"] = node["value"] if group in (branch, PROGRAM_TREES) else 0.0
        else:
            node["left"] = keep(int(node["left"]), branch)
            node["right"] = keep(int(node["right"]), branch)
        return here

    keep(0, None)
    return np.array(kept, tree.dtype)


def _branch(feature: int, so_far: int | None) -> int | None:
    """The group that a branch speaks of after a split on a feature."""
    asked = PROGRAM_TREES if feature in _PROGRAM else CROSS_TREES if feature in _CROSS else so_far
    if so_far is not None and asked != so_far:
        raise ValueError("a tree mixes program with cross features: fit with interaction_cst")
    return asked
