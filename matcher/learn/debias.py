"""How likely a listing is looked at, by its place: estimated, so that clicks can be read rightly.

A click tells of two things: that the listing was looked at, and that it was wanted. The chance of
a click is taken as attention[place] x wanting[features], and both are found in turns: wanting by
trees on clicks per attention, attention by how many clicks each place got against what wanting
alone would give. It works because the same kind of program stands in many places.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from matcher.learn.dataset import Examples
from matcher.learn.prior import tree_groups
from models.domain.matching import PAGE_SIZE

ROUNDS = 8
TREES = 60
# Clicks as good as this many at each place pull a rare place towards the usual fading.
SUPPOSED_CLICKS = 5.0
LEAST = 0.01

Numbers = NDArray[np.float64]


def estimate_attention(examples: Examples, seed: int, rounds: int = ROUNDS) -> Numbers:
    """Estimate P(looked at | on the screen) of each bucket, the first place of each kind being 1.

    Returns:
        Shape (2 x ``PAGE_SIZE``,): places of pages that tell impressions, then of others.
    """
    supposed: Numbers = np.tile(np.arange(1.0, PAGE_SIZE + 1) ** -0.5, 2)
    attention: Numbers = supposed.copy()
    clicks = np.bincount(examples.bucket, examples.clicked, minlength=2 * PAGE_SIZE)
    for _ in range(rounds):
        weight = attention[examples.bucket]
        model = fit_rates(examples.codes, examples.clicked / weight, weight, TREES, seed)
        wanted = np.bincount(
            examples.bucket, model.predict(examples.codes), minlength=2 * PAGE_SIZE
        )
        attention = (clicks + SUPPOSED_CLICKS * supposed) / (wanted + SUPPOSED_CLICKS)
        for first in (0, PAGE_SIZE):
            attention[first : first + PAGE_SIZE] /= attention[first]
        attention = np.clip(attention, LEAST, 1.0)
    rounded: Numbers = np.round(attention, 6)
    return rounded


def fit_rates(
    codes: NDArray[np.uint8], rates: Numbers, weights: Numbers, trees: int, seed: int
) -> Any:
    """Fit trees to rates (n,) observed with weights (n,), under the tree constraint of serving.

    One thread: sums of floating-point numbers depend on how threads share them out.
    """
    estimator = HistGradientBoostingRegressor(
        loss="poisson",
        learning_rate=0.1,
        max_iter=trees,
        max_leaf_nodes=15,
        max_depth=5,
        min_samples_leaf=max(20, len(codes) // 1000),
        l2_regularization=1.0,
        early_stopping=False,
        interaction_cst=tree_groups(),
        random_state=seed,
    )
    with threadpool_limits(1):
        return estimator.fit(codes, rates, sample_weight=weights)
