"""What all learned trees share: their columns, their constraints, their shape, one thread.

Columns are the codes of ``declared.FEATURES`` with one change. Distance is two columns: miles,
which end with the farthest bin where no distance is known, and why none is known. So a tree may
say that farther is wanted less, which is true, without saying anything of places nobody knows.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from matcher.features.declared import DISTANCE_EDGES, FEATURES, PLACES, Group
from matcher.learn.dataset import Examples
from matcher.learn.listwise import ListwiseLoss

Codes = NDArray[np.uint8]
Numbers = NDArray[np.float64]

DISTANCE = PLACES["distance"]
# The last code of distance that is one; what comes after says why none is known.
FARTHEST = len(DISTANCE_EDGES)
UNKNOWN = len(FEATURES)

LEAVES, DEPTH = 8, 5
LEARNING_RATE = 0.1
# So many trees that make held-out chances no truer end a classifier.
PATIENCE = 5
# Of the places of a search: pairs with one among the first so many teach an order.
LISTWISE_DEPTH = 20


def columns_of(codes: Codes) -> Codes:
    """Make what trees are fitted to, shape (n, features + 1), from codes (n, features)."""
    miles, unknown = codes[:, DISTANCE], np.empty((len(codes), 1), np.uint8)
    unknown[:, 0] = np.maximum(miles, FARTHEST) - FARTHEST
    columns = np.concatenate([codes, unknown], axis=1)
    columns[:, DISTANCE] = np.minimum(miles, FARTHEST)
    return columns


def as_codes(column: int, threshold: float) -> tuple[int, float]:
    """Read a split of a column as a split of a feature's codes."""
    return (DISTANCE, threshold + FARTHEST) if column == UNKNOWN else (column, threshold)


def distinct(codes: Codes) -> tuple[Codes, NDArray[np.int64]]:
    """Find the distinct rows of codes, shape (d, features), and the one of each row, shape (n,).

    Sums over rows of the same codes are all that trees can tell apart: fitting to them gives the
    same splits, and a log has far fewer of them than rows.
    """
    packed = np.zeros(len(codes), np.int64)
    for place, feature in enumerate(FEATURES):
        packed = packed * feature.size + codes[:, place]
    _, first, which = np.unique(packed, return_index=True, return_inverse=True)
    return codes[first], which.ravel()


def code_groups() -> list[set[int]]:
    """The features that may meet in a tree: program with request, or cross with request."""
    places = {group: {p for p, f in enumerate(FEATURES) if f.group is group} for group in Group}
    request = places[Group.REQUEST]
    return [places[Group.PROGRAM] | request, places[Group.CROSS] | request]


def regressor(trees: int, rows: int, seed: int, **other: Any) -> HistGradientBoostingRegressor:
    """Describe trees under all constraints, to be fitted to so many rows."""
    falling = np.zeros(UNKNOWN + 1, np.int8)
    falling[DISTANCE] = -1
    shape = {"loss": "poisson", "monotonic_cst": falling, **_shape(trees, rows, seed)}
    return HistGradientBoostingRegressor(**{**shape, **other})


def classifier(trees: int, rows: int, seed: int) -> HistGradientBoostingClassifier:
    """Describe trees that tell a chance, as many as a held-out part of the log bears out.

    Nothing is said of distance: who clicks what is far away may be the more determined to ask.
    """
    return HistGradientBoostingClassifier(
        **{**_shape(trees, rows, seed), "early_stopping": True, "n_iter_no_change": PATIENCE}
    )


def _shape(trees: int, rows: int, seed: int) -> dict[str, Any]:
    program, cross = code_groups()
    return {
        "learning_rate": LEARNING_RATE,
        "max_iter": trees,
        "max_leaf_nodes": LEAVES,
        "max_depth": DEPTH,
        "min_samples_leaf": max(20, rows // 1000),
        "l2_regularization": 1.0,
        "early_stopping": False,
        "interaction_cst": [program, cross | {UNKNOWN}],
        "random_state": seed,
    }


def fit_rates(codes: Codes, rates: Numbers, weights: Numbers, trees: int, seed: int) -> Any:
    """Fit trees to rates (n,) observed with weights (n,), in the columns of ``columns_of``.

    One thread: sums of floating-point numbers depend on how threads share them out.
    """
    rows, which = distinct(codes)
    weight = np.bincount(which, weights)
    rate = np.bincount(which, weights * rates) / np.maximum(weight, np.finfo(np.float64).tiny)
    estimator = regressor(trees, len(rows), seed)
    with threadpool_limits(1):
        return estimator.fit(columns_of(rows), rate, sample_weight=weight)


def fit_order(examples: Examples, gains: Numbers, trees: int, seed: int) -> Any:
    """Fit LambdaMART to the gains (n,) of listings, those of a search side by side."""
    loss = ListwiseLoss(examples.query, LISTWISE_DEPTH, weight=examples.weight, even=False)
    estimator = regressor(trees, len(examples), seed, loss=loss)
    with threadpool_limits(1):
        return estimator.fit(columns_of(examples.codes), gains)


def raw_scores(estimator: Any, codes: Codes) -> Numbers:
    """Score codes (n, features) as the trees do, before any link, shape (n,)."""
    rows, which = distinct(codes)
    with threadpool_limits(1):
        scores: Numbers = estimator._raw_predict(columns_of(rows)).ravel()  # noqa: SLF001 - no public way
    return scores[which]


class Growing:
    """Trees that keep growing while what they are fitted to becomes known better."""

    def __init__(self, codes: Codes, seed: int) -> None:
        """Take distinct codes, shape (d, features)."""
        self._columns = columns_of(codes)
        self._estimator = regressor(0, len(codes), seed, warm_start=True)

    def grow(self, rates: Numbers, weights: Numbers, trees: int) -> None:
        """Add trees that bring what was found nearer to rates (d,) observed with weights (d,)."""
        estimator = self._estimator
        estimator.set_params(max_iter=estimator.max_iter + trees)
        with threadpool_limits(1):
            estimator.fit(self._columns, rates, sample_weight=weights)

    def rates(self, codes: Codes) -> Numbers:
        """What was found of codes (m, features), shape (m,)."""
        return np.exp(raw_scores(self._estimator, codes))
