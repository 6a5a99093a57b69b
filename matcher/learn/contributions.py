"""How much each feature moves a ranker's scores: what its order rests on."""

import numpy as np
from numpy.typing import NDArray

from matcher.features.declared import FEATURES
from matcher.forest import SCALE, FlatForest, forest_sum

# Listings looked at; more change the mean in its third place.
MOST_ROWS = 2_000


def contributions(forest: FlatForest, codes: NDArray[np.uint8], seed: int) -> dict[str, float]:
    """How far scores move, on average, when a feature is nothing special; the largest first.

    Args:
        forest: the ranker's trees.
        codes: of listings, shape (n, features).
        seed: of which listings are looked at where there are many.

    Returns:
        Mean distance in log-odds, by feature.
    """
    if len(codes) > MOST_ROWS:
        codes = codes[np.random.default_rng(seed).choice(len(codes), MOST_ROWS, replace=False)]
    scores = forest_sum(forest, codes).astype(np.int64)
    moved = {}
    for place, feature in enumerate(FEATURES):
        plain = codes.copy()
        plain[:, place] = feature.neutral
        apart = np.abs(scores - forest_sum(forest, plain))
        moved[feature.name] = round(float(apart.mean()) / SCALE, 4)
    return dict(sorted(moved.items(), key=lambda pair: -pair[1]))
