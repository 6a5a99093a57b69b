"""Our learner beside others on public ranking sets: same documents, same threads, paired.

The learner is the one that rankers are fitted with (a Poisson half and a listwise half, summed),
without the constraints that serving puts on trees.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from matcher.learn.evaluate import places
from matcher.learn.letor import BadSetError, RankingSet
from matcher.learn.listwise import ListwiseLoss, blend
from matcher.learn.resample import interval

TREES, LEAVES, DEPTH, SHARE = 100, 31, 10, 0.5
SAMPLES = 1_000
MEASURES = ("ndcg_5", "ndcg_10", "mrr")
OURS, LIGHTGBM = "schoolmatch", "lightgbm"

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Benched:
    """One way to rank: each measure by query, shape (queries,); ``seconds`` of all processors."""

    measures: Mapping[str, Numbers]
    seconds: float


def bench(
    train: RankingSet, test: RankingSet, threads: int, seed: int, lightgbm: Any
) -> dict[str, Benched]:
    """Fit to one set and rank the other, in every way.

    Args:
        train: what is fitted to.
        test: what is ranked.
        threads: of everybody.
        seed: of every choice.
        lightgbm: its module, or None to leave it out.

    Raises:
        BadSetError: when nothing can be learned or judged.
    """
    for name, each in (("TRAIN", train), ("TEST", test)):
        if not each.gains.any():
            raise BadSetError(f"{name} has no document with a grade above 0: nothing to rank by.")
    width = max(train.features.shape[1], test.features.shape[1])
    train, test = train.widened(width), test.widened(width)
    ways: dict[str, Callable[[], Numbers]] = {
        OURS: lambda: _ours(train, test, seed),
        "random": lambda: np.random.default_rng(seed).random(len(test.grades)),
        "single_feature": lambda: _single_feature(train, test),
    }
    if lightgbm is not None:
        ways[LIGHTGBM] = lambda: _lightgbm(lightgbm, train, test, threads, seed)
    found = {}
    for name, way in ways.items():
        began = time.process_time()
        with threadpool_limits(threads):
            scores = way()
        found[name] = Benched(measured(test, scores), time.process_time() - began)
    return found


def _ours(train: RankingSet, test: RankingSet, seed: int) -> Numbers:
    shape: dict[str, Any] = {
        "max_iter": TREES,
        "max_leaf_nodes": LEAVES,
        "early_stopping": False,
        "random_state": seed,
    }
    pointwise = HistGradientBoostingRegressor(loss="poisson", **shape)
    loss = ListwiseLoss(train.query, DEPTH, weight=np.ones(len(train.grades)), even=True)
    listwise = HistGradientBoostingRegressor(loss=loss, **shape)
    halves = [each.fit(train.features, train.gains) for each in (pointwise, listwise)]
    both = blend(halves[0], halves[1], SHARE)
    scores: Numbers = both._raw_predict(test.features).ravel()  # noqa: SLF001 - no public way
    return scores


def _lightgbm(
    lightgbm: Any, train: RankingSet, test: RankingSet, threads: int, seed: int
) -> Numbers:
    """LightGBM's lambdarank as it comes, with as many trees and leaves as each of our halves."""
    ranker = lightgbm.LGBMRanker(
        n_estimators=TREES, num_leaves=LEAVES, n_jobs=threads, random_state=seed, verbose=-1
    )
    ranker.fit(train.features, train.grades.astype(int), group=np.bincount(train.query))
    scores: Numbers = np.asarray(ranker.predict(test.features), np.float64)
    return scores


def _single_feature(train: RankingSet, test: RankingSet) -> Numbers:
    """The feature, or its opposite, that alone ranks best what is fitted to."""
    best, chosen = -1.0, np.zeros(len(test.grades))
    for own, other in zip(train.features.T, test.features.T, strict=True):
        for sign in (1.0, -1.0):
            found = float(measured(train, sign * own.astype(np.float64))["ndcg_10"].mean())
            if found > best:
                best, chosen = found, sign * other.astype(np.float64)
    return chosen


def measured(judged: RankingSet, scores: Numbers) -> dict[str, Numbers]:
    """Measure an order by query, shape (queries with a gain,): means over queries, as usual."""
    place = places(judged.query, scores)
    ideal = places(judged.query, judged.gains)
    gained = np.bincount(judged.query, judged.gains) > 0
    found = {}
    for depth in (5, 10):
        summed = [
            np.bincount(judged.query, judged.gains * np.where(at < depth, 1 / np.log2(at + 2), 0))
            for at in (place, ideal)
        ]
        found[f"ndcg_{depth}"] = summed[0][gained] / summed[1][gained]
    first = np.full(judged.queries, np.inf)
    np.minimum.at(first, judged.query, np.where(judged.grades > 0, place, np.inf))
    found["mrr"] = 1 / (1 + first[gained])
    return found


def document(found: Mapping[str, Benched], seed: int) -> dict[str, object]:
    """Write it as plain values, with our difference to each other way by a paired bootstrap."""
    ours = found[OURS]
    queries = len(ours.measures["mrr"])
    chance = np.random.default_rng(seed)
    drawn = [
        np.bincount(chance.integers(0, queries, queries), minlength=queries) for _ in range(SAMPLES)
    ]
    told: dict[str, object] = {}
    for name, each in found.items():
        row: dict[str, object] = {m: round(float(each.measures[m].mean()), 4) for m in MEASURES}
        row["seconds"] = round(each.seconds, 3)
        if name != OURS:
            row["ours_over"] = {
                m: _apart(ours.measures[m] - each.measures[m], drawn) for m in MEASURES
            }
        told[name] = row
    return {"queries_judged": queries, "ways": told}


def _apart(apart: Numbers, drawn: Sequence[NDArray[np.int64]]) -> dict[str, object]:
    means = np.array([apart @ weights / len(apart) for weights in drawn])
    return {"value": round(float(apart.mean()), 4), "interval": interval(means)}
