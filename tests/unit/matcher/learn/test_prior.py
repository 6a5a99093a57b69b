"""The prior: fitted to the rules it publishes, exported without losing a bit."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.features.declared import CROSS, FEATURES, PLACES, PROGRAM, REQUEST
from matcher.features.pack import all_codes, pack
from matcher.forest import (
    CROSS_TREES,
    LEAF,
    PROGRAM_TREES,
    SCALE,
    FlatForest,
    forest_sum,
    tabulate,
)
from matcher.learn.artefact import RankerStore
from matcher.learn.canonical import dump, load, untrusted_types
from matcher.learn.flatten import flatten
from matcher.learn.prior import fit, fit_prior, sample_codes
from matcher.learn.rules import rule_scores, rules_table
from matcher.match import Engine
from matcher.registry import ServedRanker, make_scores, open_ranker
from tests.support.keys import RANKER_KEY, RANKER_SEED

PROJECT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def estimator() -> Any:
    codes = sample_codes(11, 20_000)
    return fit(codes, rule_scores(codes))


@pytest.fixture(scope="module")
def forest(estimator: Any) -> FlatForest:
    return flatten(estimator)


@pytest.fixture(scope="module")
def ranker(ranker_path: Path) -> ServedRanker:
    return open_ranker(ranker_path, RANKER_KEY)


def test_the_flat_forest_is_scikit_learns_prediction_within_rounding(
    estimator: Any, forest: FlatForest
) -> None:
    codes = sample_codes(12, 5_000)
    wrong = np.abs(forest_sum(forest, codes) / SCALE - estimator.predict(codes))
    # Each tree's value and the baseline were rounded once, by half a step at most.
    assert wrong.max() <= (len(forest.root) + 1) * 0.5 / SCALE + 1e-9


def test_tables_add_up_to_the_forest_exactly(ranker: ServedRanker) -> None:
    generator = np.random.default_rng(3)
    codes = sample_codes(13, 3_000)
    own = [codes[:, PLACES[feature.name]] for feature in PROGRAM]
    cross = pack(CROSS, [codes[:, PLACES[feature.name]] for feature in CROSS])
    level, wish = (codes[:, PLACES[feature.name]] for feature in REQUEST)
    program_half = tabulate(ranker.forest, PROGRAM_TREES, PROGRAM, own)
    cross_half = tabulate(ranker.forest, CROSS_TREES, CROSS, all_codes(CROSS))
    rows = generator.permutation(len(codes))
    added = program_half[level[rows], wish[rows], rows] + cross_half[level, wish, cross][rows]
    assert (added == forest_sum(ranker.forest, codes[rows])).all()


def test_no_tree_mixes_program_with_cross_features(forest: FlatForest) -> None:
    ends = [*forest.root[1:].tolist(), len(forest.feature)]
    groups = []
    for first, end in zip(forest.root.tolist(), ends, strict=True):
        used = {FEATURES[f].group for f in forest.feature[first:end].tolist() if f != LEAF}
        assert len(used - {"request"}) <= 1
        groups.append(used)
    assert any("program" in used for used in groups)
    assert any("cross" in used for used in groups)


def test_a_forest_that_mixes_them_is_refused() -> None:
    from sklearn.ensemble import HistGradientBoostingRegressor

    codes = sample_codes(14, 4_000)
    product = codes[:, PLACES["completers"]] * codes[:, PLACES["distance"]].astype(float)
    free = HistGradientBoostingRegressor(max_iter=5).fit(codes, product)
    with pytest.raises(ValueError, match="interaction_cst"):
        flatten(free)


def test_contributions_are_what_one_feature_changes(small: Engine) -> None:
    scores = make_scores(small.catalog, small.ranker)
    assert (scores.program == small.scores.program).all()
    place = [feature.name for feature in PROGRAM].index("completers")
    neutral = np.isin(small.catalog.completers, (1, 2, 3, 4))
    added = small.scores.contribution[:, small.scores.combination, place]
    assert (added[:, neutral] == 0).all()
    many = small.catalog.completers >= 100
    assert (added[:, many] > 0).all()


def test_the_ranker_keeps_the_rules(ranker: ServedRanker) -> None:
    """Where the published rules are clearly apart, the ranker orders as they do."""
    one, two = sample_codes(15, 20_000), sample_codes(16, 20_000)
    apart = rule_scores(one) - rule_scores(two)
    ranked = forest_sum(ranker.forest, one) - forest_sum(ranker.forest, two)
    clear = np.abs(apart) > 0.25
    assert clear.sum() > 10_000
    assert (np.sign(apart[clear]) == np.sign(ranked[clear])).all()
    assert ranker.card["mean_error"] < 0.03


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes(tmp_path: Path, ranker_path: Path) -> None:
    version = fit_prior(RankerStore(tmp_path, RANKER_SEED), None, lambda _: None)
    again = tmp_path / "ranker" / version
    assert again.name == ranker_path.name
    files = sorted(path.name for path in again.iterdir())
    assert files == sorted(path.name for path in ranker_path.iterdir())
    for name in files:
        assert (again / name).read_bytes() == (ranker_path / name).read_bytes(), name


def test_the_kept_estimator_has_only_trusted_types_and_predicts_the_same(
    estimator: Any,
) -> None:
    data = dump(estimator)
    assert untrusted_types(data) == []
    codes = sample_codes(17, 500)
    assert (load(data).predict(codes) == estimator.predict(codes)).all()


def test_an_estimator_with_another_type_is_not_read() -> None:
    from skops.io.exceptions import UntrustedTypesFoundException

    data = dump(SomethingElse())
    assert untrusted_types(data)
    with pytest.raises(UntrustedTypesFoundException):
        load(data)


class SomethingElse:
    """A type nobody trusts."""

    def __init__(self) -> None:
        self.value = 1


def test_the_chance_of_a_request_rises_with_the_score_and_stays_a_chance(
    ranker: ServedRanker,
) -> None:
    codes = sample_codes(19, 3_000)
    scores = forest_sum(ranker.forest, codes)
    by_score = ranker.chances.chances(codes).asked[np.argsort(scores)]
    # Leaves are rounded twice, and a chance is looked up to a thousandth of itself.
    assert (by_score[1:] > by_score[:-1] * 0.995).all()
    assert 0 < 5 * by_score[0] < by_score[-1] < 0.25


def test_the_rules_are_published_as_they_are() -> None:
    assert rules_table() in (PROJECT / "docs" / "ranking.md").read_text()
