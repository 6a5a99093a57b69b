"""Training on simulated students, whose wishes are known."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.features.declared import PLACES
from matcher.forest import SCALE, forest_sum
from matcher.learn.artefact import RankerStore
from matcher.learn.dataset import UnusableLogError
from matcher.learn.debias import find_reading
from matcher.learn.evaluate import judge
from matcher.learn.fit import Parameters
from matcher.learn.flatten import flatten
from matcher.learn.prior import sample_codes
from matcher.learn.simulate_clicks import attention
from matcher.learn.simulate_truth import true_gains
from matcher.learn.train import Circumstances, Trained, train_ranker
from matcher.learn.trees import fit_rates, raw_scores
from matcher.match import Engine
from matcher.registry import open_ranker
from tests.support.keys import RANKER_KEY, RANKER_SEED
from tests.support.traffic import Log, simulated_log

SEARCHES = 2_000
QUICK = Parameters(trees=60, rounds=4)
# Where only what is said of a ranker counts.
ROUGH = Parameters(trees=10, rounds=1)
SHORT = 600


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("trained")


@pytest.fixture(scope="module")
def trained(small: Engine, log: Log, store: Path) -> Trained:
    return train_ranker(
        RankerStore(store, RANKER_SEED), log.dataset(), QUICK, Circumstances("a test", small.ranker)
    )


def true_ndcg(engine: Engine, trained: Trained, store: Path, others: Log) -> dict[str, float]:
    """NDCG@10 by the known truth, on students who taught nothing."""
    examples = others.dataset().examples
    learned = open_ranker(store / "ranker" / trained.version, RANKER_KEY)
    gains = true_gains(examples.codes, 1.0, 3.0)
    orders = {
        "learned": forest_sum(learned.forest, examples.codes).astype(float),
        "prior": forest_sum(engine.ranker.forest, examples.codes).astype(float),
    }
    judged = judge(examples.query, gains, orders)
    return {name: judged.ndcg(name) for name in orders}


def test_training_finds_what_students_want(small: Engine, trained: Trained, store: Path) -> None:
    ndcg = true_ndcg(small, trained, store, simulated_log(small, 300, seed=99))
    assert ndcg["learned"] > ndcg["prior"] + 0.02


def test_held_out_searches_say_the_same_without_knowing_the_truth(trained: Trained) -> None:
    orders = trained.card["metrics"]["orders"]
    assert orders["new"]["ndcg_10"] > orders["served"]["ndcg_10"] > orders["random"]["ndcg_10"]
    assert orders["champion"]["ndcg_10"] == pytest.approx(orders["served"]["ndcg_10"], abs=0.03)
    assert orders["new"]["over_served_interval"][0] > -0.01


def test_attention_is_found_from_clicks_alone(log: Log) -> None:
    found = find_reading(log.dataset().examples, 1).by_bucket[:20]
    assert found[0] == 1
    # Wrong by little where most clicks are, and falling as it truly does.
    assert np.abs(found[:10] - attention()[:10]).max() < 0.15
    assert np.corrcoef(found, attention())[0, 1] > 0.97


def test_the_same_log_and_seed_give_the_same_ranker(
    small: Engine, log: Log, trained: Trained, tmp_path: Path, store: Path
) -> None:
    again = train_ranker(
        RankerStore(tmp_path, RANKER_SEED),
        log.dataset(),
        QUICK,
        Circumstances("a test", small.ranker),
    )
    assert again == trained
    for file in (store / "ranker" / trained.version).iterdir():
        twin = tmp_path / "ranker" / trained.version / file.name
        assert twin.read_bytes() == file.read_bytes(), file.name


def _first(log: Log, searches: int) -> Log:
    pages = log.pages[:searches]
    served = {page.slate_id for page in pages}
    return Log(pages, [event for event in log.events if event.slate_id in served])


def test_another_seed_or_log_gives_another_ranker(log: Log, tmp_path: Path) -> None:
    some, fewer = _first(log, SHORT).dataset(), _first(log, SHORT - 50).dataset()
    first, other_seed, less = (
        train_ranker(RankerStore(tmp_path, RANKER_SEED), data, how, Circumstances("a test"))
        for data, how in ((some, ROUGH), (some, replace(ROUGH, seed=2)), (fewer, ROUGH))
    )
    assert len({first.version, other_seed.version, less.version}) == 3
    assert "champion" not in less.card["metrics"]["orders"]


def test_provenance_is_simulated_as_soon_as_one_search_is(
    log: Log, trained: Trained, tmp_path: Path
) -> None:
    """Invariant 14 begins here."""
    assert trained.provenance == "simulated"
    short = _first(log, SHORT)
    pages = [replace(page, simulated=False) for page in short.pages]
    pages[7] = short.pages[7]
    mixed = replace(short, pages=pages).dataset()
    assert (
        train_ranker(
            RankerStore(tmp_path / "a", RANKER_SEED), mixed, ROUGH, Circumstances("t")
        ).provenance
        == "simulated"
    )
    pages[7] = replace(pages[7], simulated=False)
    real = replace(short, pages=pages).dataset()
    learned = train_ranker(
        RankerStore(tmp_path / "b", RANKER_SEED), real, ROUGH, Circumstances("t")
    )
    assert learned.provenance == "learned"
    assert (
        open_ranker(tmp_path / "b" / "ranker" / learned.version, RANKER_KEY).provenance == "learned"
    )


@pytest.mark.slow
def test_who_can_be_asked_moves_no_order(small: Engine, tmp_path: Path) -> None:
    """Invariant 1: taking requests here is a contract; it must not teach the organic order.

    The same students, once with the schools of one control taking requests and once with all
    others: an order that learned who takes requests would turn around between the two.
    """
    control = {
        int(u): int(c) for u, c in zip(small.catalog.unitid, small.catalog.control, strict=True)
    }
    codes = sample_codes(31, 4_000)
    lifted = []
    for name, taking in (("some", {2}), ("others", {0, 1})):
        log = simulated_log(small, 1_000, can_be_asked=lambda u, t=taking: control[u] in t)  # type: ignore[misc]
        trained = train_ranker(
            RankerStore(tmp_path / name, RANKER_SEED), log.dataset(), QUICK, Circumstances("t")
        )
        ranker = open_ranker(tmp_path / name / "ranker" / trained.version, RANKER_KEY)
        scores = forest_sum(ranker.forest, codes) / SCALE
        profit = codes[:, PLACES["control"]] == 2
        lifted.append(scores[profit].mean() - scores[~profit].mean())
    assert abs(lifted[0] - lifted[1]) < 0.3


def test_a_log_that_is_too_small_is_refused(small: Engine, tmp_path: Path) -> None:
    few = simulated_log(small, 50).dataset()
    with pytest.raises(UnusableLogError, match=r"too small: \d+ searches"):
        train_ranker(RankerStore(tmp_path, RANKER_SEED), few, QUICK, Circumstances("t"))
    assert not (tmp_path / "ranker").exists()


def test_chances_come_true_where_they_are_high_and_where_they_are_low(
    trained: Trained, store: Path, log: Log
) -> None:
    ranker = open_ranker(store / "ranker" / trained.version, RANKER_KEY)
    attention = np.array(trained.card["attention"]["places_with_impressions"])
    rows = log.dataset().examples
    rows = rows.take(rows.could_ask)
    said = ranker.chances.chances(rows.codes).asked * attention[rows.bucket]
    for some in np.array_split(np.argsort(said), 3):
        assert said[some].sum() == pytest.approx(rows.requested[some].sum(), rel=0.25)
    high = said > np.quantile(said, 0.9)
    assert rows.requested[high].mean() > 3 * rows.requested.mean()


def test_the_card_says_where_it_comes_from(trained: Trained, log: Log) -> None:
    card = trained.card
    assert card["trained_by"] == "a test"
    assert card["made_of"] == f"{len(log.pages):,} simulated of {len(log.pages):,} searches"
    assert card["counts"]["simulated_searches"] == card["counts"]["searches"] == SEARCHES
    assert card["window"]["first"] <= card["window"]["last"]
    assert card["log"] == log.dataset().fingerprint
    assert card["attention"]["made_of"].startswith("estimated")
    assert card["attention"]["from"] == card["parameters"]["attention_from"] == "clicks"
    # Nothing was explored in this log, and the card says so.
    assert "0 clicks" in card["attention"]["swaps"]["refused"]
    assert card["chances"]["click"]["happened"] > card["chances"]["request"]["happened"]


def test_a_tree_that_asks_program_and_cross_in_two_branches_becomes_two() -> None:
    """scikit-learn's constraint binds branches, ours binds trees: the sum stays what it was."""
    codes = sample_codes(41, 20_000)
    level, completers, distance = (
        codes[:, PLACES[name]] for name in ("education_level", "completers", "distance")
    )
    rates = np.where(level < 4, 1.0 + completers, 40.0 + 20.0 * distance).astype(float)
    estimator = fit_rates(codes, rates, np.ones(len(codes)), 30, 1)
    mixed = [tree for (tree,) in estimator._predictors if _mixes(tree.nodes)]
    assert mixed, "no tree to take apart"
    forest = flatten(estimator)
    assert len(forest.root) > 30
    wrong = np.abs(forest_sum(forest, codes) / SCALE - raw_scores(estimator, codes))
    assert wrong.max() <= (len(forest.root) + 1) * 0.5 / SCALE + 1e-9


def _mixes(nodes: Any) -> bool:
    used = set(nodes["feature_idx"][nodes["is_leaf"] == 0].tolist())
    return bool(used & set(range(6))) and bool(used & set(range(6, 11)))


def test_the_card_is_written_for_people_too(trained: Trained, store: Path) -> None:
    text = (store / "ranker" / trained.version / "card.md").read_text()
    assert text.startswith(f"# Ranker {trained.version}\n")
    for row in trained.card["gate"]["conditions"]:
        assert f"| {row['name']} | {'yes' if row['passed'] else '**no**'} |" in text
    new = trained.card["metrics"]["orders"]["new"]
    assert f"| new | {new['ndcg_5']:.4f} (" in text
    for title in ("Counts", "By segment", "Exposure", "Off-policy", "Drift (PSI)", "Chances"):
        assert f"## {title}\n" in text
    assert "too small" in text
