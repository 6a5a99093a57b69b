"""Fits a ranker to a log: labels from organic places, places corrected for, one forest out.

The target of a listing is what it would earn if it were looked at: its gains over its attention,
weighted by its attention, under a Poisson loss. A listing that could not be asked, whose school
takes no requests here, counts for its request part what clicks like it brought where they could:
who takes requests is a matter of contracts, and no contract may move the organic order.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.forest import FlatForest
from matcher.learn.blending import Blended, Gained, fit_blend
from matcher.learn.dataset import Dataset, Examples, UnusableLogError
from matcher.learn.debias import ROUNDS, Looked, Numbers, find_reading
from matcher.learn.flatten import flatten
from matcher.learn.randomised import attention_by_swaps
from matcher.learn.trees import fit_rates, raw_scores
from models.domain.training import AttentionFrom

LEAST_SEARCHES, LEAST_CLICKS = 300, 200

# The newest searches judge (``dataset_build``); of the others one in PARTS calibrates, the rest
# fit. A search is whole in one of them.
PARTS = 5

# Until this many requests are known, one rate serves all clicks, pulled towards a supposed one.
LEAST_REQUESTS = 300
SUPPOSED_RATE, SUPPOSED_COUNT = 0.25, 20.0


@dataclass(frozen=True, slots=True)
class Parameters:
    """What each act is worth, how long to fit, and the seed of every choice.

    ``attention_from``: what tells how places are looked at; ``attention`` of each place of a page
    where it is given, the first being 1.
    """

    click_gain: float = 1.0
    request_gain: float = 3.0
    trees: int = 100
    rounds: int = ROUNDS
    seed: int = 1
    attention_from: AttentionFrom = AttentionFrom.CLICKS
    attention: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """A log cut in three, whole searches each: what fits, what calibrates, the newest to judge."""

    fitting: Examples
    calibrating: Examples
    judging: Examples


@dataclass(frozen=True, slots=True)
class Fitted:
    """A ranker without a name, and what was found on the way.

    ``gains`` of the fitting and ``judging_gains`` of the judging listings, as they came.
    """

    estimator: Any
    forest: FlatForest
    attention: Numbers
    looked: Looked
    blended: Blended
    asked: "AskedAfterClick"
    parts: Parts
    gains: Numbers
    judging_gains: Numbers


def fit_ranker(dataset: Dataset, parameters: Parameters) -> Fitted:
    """Fit a ranker to the older part of a log.

    Args:
        dataset: examples of the log.
        parameters: what an operator sets.

    Raises:
        UnusableLogError: when the log is too small to learn from.
    """
    _check_size(dataset)
    return fit_parts(split(dataset, parameters.seed), parameters)


def fit_parts(parts: Parts, parameters: Parameters) -> Fitted:
    """Fit a ranker to a log that is cut already."""
    fitting = parts.fitting
    known = _known_attention(fitting, parameters)
    looked = find_reading(fitting, parameters.seed, parameters.rounds, known)
    attention = looked.by_bucket
    asked = AskedAfterClick.fit(fitting, parameters.seed)
    learned = _gains(fitting, asked.expected(fitting), parameters)
    calibrating = parts.calibrating
    choosing = _gains(calibrating, asked.requests_of(calibrating), parameters)
    blended = fit_blend(
        Gained(fitting, learned, looked.chances, looked.beforehand(fitting)),
        Gained(calibrating, choosing, *(looked.beforehand(calibrating),) * 2),
        parameters.trees,
        parameters.seed,
    )
    return Fitted(
        estimator=blended.estimator,
        forest=flatten(blended.estimator),
        attention=attention,
        looked=looked,
        blended=blended,
        asked=asked,
        parts=parts,
        gains=_gains(fitting, asked.requests_of(fitting), parameters),
        judging_gains=_gains(parts.judging, asked.requests_of(parts.judging), parameters),
    )


def _known_attention(fitting: Examples, parameters: Parameters) -> Numbers | None:
    """Each place's attention, (2, ``PAGE_SIZE``), where it needs no finding out; else None."""
    if parameters.attention_from is AttentionFrom.SWAPS:
        return attention_by_swaps(fitting).attention
    if parameters.attention_from is AttentionFrom.GIVEN:
        given: Numbers = np.tile(parameters.attention, (2, 1))
        return given
    return None


def _check_size(dataset: Dataset) -> None:
    searches, clicks = dataset.counts["searches"], dataset.counts["clicks"]
    if searches < LEAST_SEARCHES or clicks < LEAST_CLICKS:
        raise UnusableLogError(
            f"The log is too small: {searches:,} searches and {clicks:,} clicks in organic places; "
            f"at least {LEAST_SEARCHES:,} and {LEAST_CLICKS:,} are needed. "
            "Wait for more, look further back, or try with `schoolmatch simulate`."
        )


def split(dataset: Dataset, seed: int) -> Parts:
    """Cut a log: the newest searches judge, others fit or calibrate by their ids alone."""
    judging = dataset.judges
    key = str(seed).encode()
    digests = [hashlib.blake2b(s.bytes, digest_size=4, key=key).digest() for s in dataset.slates]
    drawn = np.array([int.from_bytes(digest, "big") % PARTS == 0 for digest in digests])
    calibrating = drawn & ~judging
    whole, query = dataset.examples, dataset.examples.query
    return Parts(
        fitting=whole.take(~(judging | calibrating)[query]),
        calibrating=whole.take(calibrating[query]),
        judging=whole.take(judging[query]),
    )


class AskedAfterClick:
    """P(request | click) where a school can be asked, for clicks where it could not."""

    def __init__(self, clicks: int, requests: int, estimator: Any) -> None:
        self.clicks, self.requests, self.estimator = clicks, requests, estimator
        self.rate = (requests + SUPPOSED_RATE * SUPPOSED_COUNT) / (clicks + SUPPOSED_COUNT)

    @classmethod
    def fit(cls, examples: Examples, seed: int) -> "AskedAfterClick":
        """Learn it from clicks on listings that could be asked."""
        known = examples.take(examples.clicked & examples.could_ask)
        requests = int(known.requested.sum())
        estimator = None
        if requests >= LEAST_REQUESTS:
            ones = np.ones(len(known))
            estimator = fit_rates(known.codes, known.requested.astype(float), ones, 60, seed)
        return cls(len(known), requests, estimator)

    def expected(self, examples: Examples) -> Numbers:
        """What clicks like these bring, shape (n,); 0 where there was none."""
        if self.estimator is None:
            each: Numbers = np.full(len(examples), self.rate)
        else:
            each = np.clip(np.exp(raw_scores(self.estimator, examples.codes)), 0, 1)
        brought: Numbers = np.where(examples.clicked, each, 0.0)
        return brought

    def requests_of(self, examples: Examples) -> Numbers:
        """Requests as they were, or as they would have been expected, shape (n,)."""
        expected = self.expected(examples)
        asked: Numbers = np.where(examples.could_ask, examples.requested, expected)
        return asked

    def card(self) -> dict[str, object]:
        """Write it for the card."""
        made_of = "one rate for all" if self.estimator is None else "trees on the same features"
        return {
            "made_of": made_of,
            "clicks": self.clicks,
            "requests": self.requests,
            "rate": round(self.rate, 6),
        }


def _gains(examples: Examples, requests: Numbers, parameters: Parameters) -> Numbers:
    clicked: Numbers = examples.clicked.astype(np.float64)
    return parameters.click_gain * clicked + parameters.request_gain * requests
