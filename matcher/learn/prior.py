"""Fits the first ranker: scikit-learn's gradient boosting, on samples of the published rules.

It is fitted rather than written by hand so that a fresh installation serves through exactly the
machinery that later serves what was learned: same trees, same tables, same checks.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from matcher.catalog import open_catalog
from matcher.chances import ChanceForests
from matcher.features.declared import FEATURES, declarations_hash
from matcher.forest import SCALE, FlatForest
from matcher.learn.artefact import Model, RankerStore, write_ranker
from matcher.learn.flatten import flatten
from matcher.learn.prices import one_rate
from matcher.learn.prior_gate import prior_gate
from matcher.learn.rules import rule_scores
from matcher.learn.trees import code_groups
from matcher.registry import ESTIMATOR, tabulate_scores
from models.domain.gate import gate_document

SEED = 20260601
SAMPLES = 60_000
TREES = 600

# Chances of the prior: the score at which half of those who see a listing click on it and how fast
# that rises, then how many clicks bring a request and how many requests are accepted. A judgement,
# published with the rules; learning replaces it.
MIDDLE, STEEPNESS = 8.0, 0.4
REQUESTED, ACCEPTED = 0.25, 0.6


def fit_prior(
    store: RankerStore, catalog_path: Path | None, progress: Callable[[str], None]
) -> str:
    """Fit the prior ranker and write it; the same inputs give the same bytes.

    Args:
        store: the store of catalogs and rankers, and the key that signs.
        catalog_path: a snapshot whose scores are tabulated at once, or None.
        progress: told what is being done.

    Returns:
        The ranker's version.
    """
    progress("Fitting the prior ranker to the published rules")
    codes = sample_codes(SEED, SAMPLES)
    estimator = fit(codes, rule_scores(codes))
    forest = flatten(estimator)
    held_out = sample_codes(SEED + 1, SAMPLES // 6)
    model = Model(forest, judged_chances(forest), {ESTIMATOR: estimator})
    version = write_ranker(store, model, _card(estimator, held_out))
    if catalog_path is not None:
        progress("Tabulating its scores of every program")
        tabulate_scores(open_catalog(catalog_path), store.open(version))
    return version


def sample_codes(seed: int, samples: int) -> NDArray[np.uint8]:
    """Draw rows of codes, each feature evenly and by itself, shape (samples, features)."""
    generator = np.random.default_rng(seed)
    columns = [generator.integers(0, feature.size, samples) for feature in FEATURES]
    return np.stack(columns, axis=1).astype(np.uint8)


def fit(codes: NDArray[np.uint8], target: NDArray[np.float64]) -> Any:
    """Fit trees that never mix program with cross features."""
    estimator = HistGradientBoostingRegressor(
        learning_rate=0.5,
        max_iter=TREES,
        max_leaf_nodes=6,
        min_samples_leaf=20,
        early_stopping=False,
        interaction_cst=code_groups(),
        random_state=SEED,
    )
    # One thread: sums of floating-point numbers depend on how threads share them out.
    with threadpool_limits(1):
        return estimator.fit(codes, target)


def judged_chances(order: FlatForest) -> ChanceForests:
    """The prior's chances: clicks rise with the score of its order, and all else is one rate."""
    rising = replace(
        order,
        value=np.rint(order.value * STEEPNESS).astype(np.int32),
        baseline=np.rint((order.baseline - MIDDLE * SCALE) * STEEPNESS).astype(np.int32),
    )
    return ChanceForests(rising, one_rate(REQUESTED), one_rate(ACCEPTED))


def _card(estimator: Any, held_out: NDArray[np.uint8]) -> dict[str, Any]:
    predicted, wanted = estimator.predict(held_out), rule_scores(held_out)
    wrong = np.abs(predicted - wanted)
    return {
        "provenance": "prior",
        "made_of": "published rules (docs/ranking.md); no visitor's behaviour",
        "seed": SEED,
        "samples": SAMPLES,
        "trees": TREES,
        "declarations": declarations_hash(),
        "scikit_learn": sklearn.__version__,
        "mean_error": round(float(wrong.mean()), 4),
        "largest_error": round(float(wrong.max()), 4),
        "gate": gate_document(prior_gate(predicted, wanted), champion=None, catalog=None),
        "chances": {
            "click": {"made_of": "judgement: it rises with the score"},
            "request": {"made_of": "judgement", "rate": REQUESTED},
            "acceptance": {"made_of": "judgement", "rate": ACCEPTED},
        },
    }
