"""Orders that a ranker has to beat to be worth having; what they know is older than the judging."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from matcher.features.declared import FEATURES, PLACES
from matcher.learn.dataset import Examples
from matcher.learn.evaluate import judge
from matcher.learn.rules import rule_scores

# A value seen this often counts half for itself and half for the mean of all.
SUPPOSED_COUNT = 20.0
# Older searches that choose the best single feature: more cost time and choose the same.
MOST_SEARCHES = 20_000

Numbers = NDArray[np.float64]


def baseline_orders(
    fitting: Examples, earned: Numbers, judging: Examples, seed: int
) -> tuple[dict[str, Numbers], str]:
    """Score the judging listings by what needs no ranker.

    Args:
        fitting: listings of older searches.
        earned: what each of these earned, corrected for attention, shape (len(fitting),).
        judging: listings of the searches that judge.
        seed: of the order by chance.

    Returns:
        Scores by name, shape (len(judging),) each: ``random``; ``popularity``, what the school's
        listings earned; ``nearest``; ``single_feature``, the feature that alone orders the older
        searches best; ``prior``, the published rules. Then the name of that feature.
    """
    some = _some_with_a_gain(fitting.query, earned)
    few = fitting.take(some)
    single = single_feature_orders(fitting, earned, few)
    older = judge(few.query, earned[some], single)
    best = max(single, key=lambda name: (older.ndcg(name), name))
    return {
        "random": np.random.default_rng(seed).random(len(judging)),
        "popularity": _rates(fitting.unitid, fitting.weight, earned, judging.unitid),
        "nearest": -judging.codes[:, PLACES["distance"]].astype(np.float64),
        "single_feature": _by_feature(fitting, earned, judging, best),
        "prior": rule_scores(judging.codes),
    }, best


def single_feature_orders(
    fitting: Examples, earned: Numbers, judging: Examples
) -> Mapping[str, Numbers]:
    """Score listings by each feature alone, its codes in the order of what they earned before."""
    return {
        feature.name: _by_feature(fitting, earned, judging, feature.name)
        for feature in FEATURES
        if feature.group != "request"
    }


def _by_feature(fitting: Examples, earned: Numbers, judging: Examples, name: str) -> Numbers:
    place = PLACES[name]
    return _rates(fitting.codes[:, place], fitting.weight, earned, judging.codes[:, place])


def _some_with_a_gain(query: NDArray[np.int32], earned: Numbers) -> NDArray[np.bool_]:
    """The listings of some searches with a gain: without one they say nothing of an order."""
    gained = np.unique(query[earned > 0])
    few = gained[:: max(len(gained) // MOST_SEARCHES, 1)]
    chosen = np.zeros(int(query.max(initial=0)) + 1, bool)
    chosen[few] = True
    return chosen[query]


def _rates(
    keys: NDArray[np.integer], weight: Numbers, earned: Numbers, asked: NDArray[np.integer]
) -> Numbers:
    """What listings of a key earned, pulled towards the mean; the mean for keys never seen."""
    mean = float(np.average(earned, weights=weight))
    known, group = np.unique(keys, return_inverse=True)
    count = np.bincount(group, weight)
    rate = (np.bincount(group, weight * earned) + SUPPOSED_COUNT * mean) / (count + SUPPOSED_COUNT)
    at = np.clip(np.searchsorted(known, asked), 0, len(known) - 1)
    found: Numbers = np.where(known[at] == asked, rate[at], mean)
    return found
