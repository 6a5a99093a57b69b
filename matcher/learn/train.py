"""Trains a ranker on the log: labels from organic places, places corrected for, one forest out.

The target of a listing is what it would earn if it were looked at: its gains over its attention,
weighted by its attention, under a Poisson loss. A listing that could not be asked, whose school
takes no requests here, counts for its request part what clicks like it brought where they could:
who takes requests is a matter of contracts, and no contract may move the organic order.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from matcher.features.declared import FEATURES
from matcher.forest import FlatForest, forest_sum
from matcher.learn.artefact import write_ranker
from matcher.learn.dataset import Dataset, Examples, UnusableLogError
from matcher.learn.debias import ROUNDS, Numbers, estimate_attention, fit_rates
from matcher.learn.evaluate import Judged, judge
from matcher.learn.flatten import flatten
from matcher.registry import ServedRanker

LEAST_SEARCHES, LEAST_CLICKS = 300, 200

# Of ten searches: two judge, one calibrates, seven fit. A search is whole in one of them.
PARTS = 10
TEST, CALIBRATION = (0, 1), (2,)

# Until this many requests are known, one rate serves all clicks, pulled towards a supposed one.
LEAST_REQUESTS = 300
SUPPOSED_RATE, SUPPOSED_COUNT = 0.25, 20.0
# P(accepted | request) starts at the prior's and needs this many requests to move half way.
SUPPOSED_ACCEPTED, SUPPOSED_REQUESTS = 0.6, 50.0
KNOTS = 20
# One click at a place hardly anybody looks at must not decide what an order is worth.
CLIP = 0.05


@dataclass(frozen=True, slots=True)
class Parameters:
    """What each act is worth, how long to fit, and the seed of every choice."""

    click_gain: float = 1.0
    request_gain: float = 3.0
    trees: int = 200
    rounds: int = ROUNDS
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Trained:
    """A ranker written to the store, not serving anywhere yet."""

    version: str
    provenance: str
    card: Mapping[str, Any]


def train_ranker(
    store: Path,
    dataset: Dataset,
    parameters: Parameters,
    champion: ServedRanker | None,
    by: str,
) -> Trained:
    """Fit a ranker to a log, judge it on searches it never saw, and write it with its card.

    The same log and parameters give the same version.

    Args:
        store: where rankers live.
        dataset: examples of the log.
        parameters: what an operator sets.
        champion: the ranker that serves, to compare with; None when none can be opened.
        by: who trains, for the card.

    Raises:
        UnusableLogError: when the log is too small to learn from.
    """
    _check_size(dataset)
    part = _parts(dataset, parameters.seed)
    held_out, calibrating = np.isin(part, TEST), np.isin(part, CALIBRATION)
    fitting = dataset.examples.take(~held_out & ~calibrating)
    attention = estimate_attention(fitting, parameters.seed, parameters.rounds)
    asked = _AskedAfterClick.fit(fitting, parameters.seed)
    gains = _gains(fitting, asked, parameters)
    weight = attention[fitting.bucket]
    estimator = fit_rates(fitting.codes, gains / weight, weight, parameters.trees, parameters.seed)
    forest = flatten(estimator)
    judging = dataset.examples.take(held_out)
    worth = _gains(judging, asked, parameters) / np.maximum(attention, CLIP)[judging.bucket]
    judged = _judge(judging, forest, champion, worth, parameters.seed)
    card = {
        **_provenance(dataset, by),
        "parameters": asdict(parameters),
        "scikit_learn": sklearn.__version__,
        "attention": _attention_card(attention),
        "requests_after_clicks": asked.card(),
        "metrics": judged.document(parameters.seed, "served"),
        "calibration": _calibrate(dataset.examples.take(calibrating), forest, asked, attention),
        "accepted_given_request": _accepted(dataset),
    }
    version = write_ranker(store, forest, card, estimator)
    return Trained(version, str(card["provenance"]), card)


def _check_size(dataset: Dataset) -> None:
    searches, clicks = dataset.counts["searches"], dataset.counts["clicks"]
    if searches < LEAST_SEARCHES or clicks < LEAST_CLICKS:
        raise UnusableLogError(
            f"The log is too small: {searches:,} searches and {clicks:,} clicks in organic places; "
            f"at least {LEAST_SEARCHES:,} and {LEAST_CLICKS:,} are needed. "
            "Wait for more, look further back, or try with `schoolmatch simulate`."
        )


def _parts(dataset: Dataset, seed: int) -> NDArray[np.int64]:
    """The part of each example, 0 to ``PARTS`` - 1: that of its search, by its id alone."""
    key = str(seed).encode()
    digests = [hashlib.blake2b(s.bytes, digest_size=4, key=key).digest() for s in dataset.slates]
    by_search = np.array([int.from_bytes(digest, "big") % PARTS for digest in digests])
    return by_search[dataset.examples.query]


class _AskedAfterClick:
    """P(request | click) where a school can be asked, for clicks where it could not."""

    def __init__(self, clicks: int, requests: int, estimator: Any) -> None:
        self.clicks, self.requests, self.estimator = clicks, requests, estimator
        self.rate = (requests + SUPPOSED_RATE * SUPPOSED_COUNT) / (clicks + SUPPOSED_COUNT)

    @classmethod
    def fit(cls, examples: Examples, seed: int) -> "_AskedAfterClick":
        known = examples.take(examples.clicked & examples.could_ask)
        requests = int(known.requested.sum())
        estimator = None
        if requests >= LEAST_REQUESTS:
            ones = np.ones(len(known))
            estimator = fit_rates(known.codes, known.requested.astype(float), ones, 60, seed)
        return cls(len(known), requests, estimator)

    def requests_of(self, examples: Examples) -> Numbers:
        """Requests as they were, or as they would have been expected, shape (n,)."""
        if self.estimator is None:
            expected: Numbers = np.full(len(examples), self.rate)
        else:
            expected = np.clip(self.estimator.predict(examples.codes), 0, 1)
        would = np.where(examples.could_ask, examples.requested, expected)
        asked: Numbers = np.where(examples.clicked, would, 0.0)
        return asked

    def card(self) -> dict[str, object]:
        made_of = "one rate for all" if self.estimator is None else "trees on the same features"
        return {
            "made_of": made_of,
            "clicks": self.clicks,
            "requests": self.requests,
            "rate": round(self.rate, 6),
        }


def _gains(examples: Examples, asked: _AskedAfterClick, parameters: Parameters) -> Numbers:
    clicked: Numbers = examples.clicked.astype(np.float64)
    return parameters.click_gain * clicked + parameters.request_gain * asked.requests_of(examples)


def _judge(
    held_out: Examples,
    forest: FlatForest,
    champion: ServedRanker | None,
    gains: Numbers,
    seed: int,
) -> Judged:
    """Judge the new order beside those it has to beat."""
    orders: dict[str, Numbers] = {
        "new": forest_sum(forest, held_out.codes).astype(np.float64),
        "served": -held_out.organic.astype(np.float64),
        "random": np.random.default_rng(seed).random(len(held_out)),
    }
    if champion is not None:
        orders["champion"] = forest_sum(champion.forest, held_out.codes).astype(np.float64)
    judged = judge(held_out.query, gains, orders)
    if not judged.searches:
        raise UnusableLogError(
            "No held-out search has a click: the log is too small to judge what it taught."
        )
    return judged


def _calibrate(
    examples: Examples, forest: FlatForest, asked: _AskedAfterClick, attention: Numbers
) -> dict[str, object]:
    """Map scores to P(request | shown first): requests per attention, never falling with score."""
    scores = forest_sum(forest, examples.codes)
    order = np.argsort(scores, kind="stable")
    weight = attention[examples.bucket][order]
    requests = asked.requests_of(examples)[order]
    # Equal counts in each bin; a request more than there was in all keeps chances above nothing.
    groups = np.array_split(np.arange(len(order)), KNOTS)
    middles = [float(np.round(scores[order][rows].mean())) for rows in groups]
    weights = np.array([weight[rows].sum() for rows in groups])
    overall = requests.sum() / weight.sum()
    rates = np.array(
        [(requests[rows].sum() + overall) / (weight[rows].sum() + 1.0) for rows in groups]
    )
    rising = IsotonicRegression(y_min=0.0, y_max=1.0).fit_transform(
        middles, rates, sample_weight=weights
    )
    knots = dict(zip(middles, np.round(rising, 9).tolist(), strict=True))
    return {
        "made_of": f"{len(order):,} listings of searches that fitted no tree",
        "knots": [[score, chance] for score, chance in sorted(knots.items())],
    }


def _accepted(dataset: Dataset) -> float:
    """P(accepted | request): prices only, never an order."""
    accepted = dataset.accepted + SUPPOSED_ACCEPTED * SUPPOSED_REQUESTS
    return round(accepted / (dataset.requests + SUPPOSED_REQUESTS), 6)


def _provenance(dataset: Dataset, by: str) -> dict[str, object]:
    """Where it comes from: one simulated search makes the whole ranker simulated."""
    made_of = "the log of what visitors did"
    if dataset.simulated:
        made_of = f"{dataset.simulated:,} simulated of {len(dataset.slates):,} searches"
    return {
        "provenance": "simulated" if dataset.simulated else "learned",
        "made_of": made_of,
        "trained_by": by,
        "window": {"first": dataset.first.isoformat(), "last": dataset.last.isoformat()},
        "log": dataset.fingerprint,
        "counts": {**dataset.counts, "simulated_searches": dataset.simulated},
        "set_aside": dict(dataset.set_aside),
        "catalogs": list(dataset.catalogs),
        "rankers": list(dataset.rankers),
        "feature_names": [feature.name for feature in FEATURES],
    }


def _attention_card(attention: Numbers) -> dict[str, object]:
    half = len(attention) // 2
    return {
        "made_of": "estimated from clicks, in turns with what is wanted",
        "places_with_impressions": attention[:half].tolist(),
        "places_without": attention[half:].tolist(),
    }
