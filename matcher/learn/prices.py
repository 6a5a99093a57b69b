"""Fits what prices are made from: classifiers of clicks, requests and acceptances, in any place.

A click is P(looked at) x P(clicked | looked at), and only the first depends on the place. So a
listing that was not clicked counts as a no by as much as it was likely looked at, in the light of
the clicks above it and of its own silence: the expected look of an EM step, from what ``debias``
found. A request is told from clicks on what could be asked, an acceptance from settled requests,
whatever their places. Fitted are the same code rows as one, under the constraints of the order.

A search is whole in what fits or in what is held out; the second says after how many trees chances
become no truer. Where little happened, one rate serves all.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from matcher.chances import CHANCES, ChanceForests
from matcher.features.pack import Codes
from matcher.forest import LEAF, SCALE, FlatForest
from matcher.learn.dataset import Dataset, Flags, Priced
from matcher.learn.debias import MOST_WANTED, Looked, Numbers
from matcher.learn.fit import SUPPOSED_COUNT, SUPPOSED_RATE, Fitted
from matcher.learn.flatten import flatten
from matcher.learn.pages import Pages
from matcher.learn.trees import classifier, columns_of, distinct

# At most; fewer where held-out searches say so.
TREES = 100
# Of what happened, and of what did not: with less than this, one rate serves all.
LEAST_OF_EACH = 100
# P(accepted | request) starts here and needs this many requests to move half way.
SUPPOSED_ACCEPTED, SUPPOSED_REQUESTS = 0.6, 50.0


@dataclass(frozen=True, slots=True)
class Prices:
    """The forests that serve; ``estimators`` as fitted, by name, where there are trees.

    ``card`` says of each what it is made of.
    """

    forests: ChanceForests
    estimators: dict[str, Any]
    card: dict[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class Trials:
    """How often something happened, and did not, in rows of distinct codes (d, features).

    ``yes`` and ``no`` float64 (d,) with their weights; ``happened`` of ``listings`` as counted.
    """

    codes: Codes
    yes: Numbers
    no: Numbers
    happened: int
    listings: int

    @classmethod
    def of(cls, rows: Priced, happened: Flags, looked: Numbers) -> "Trials":
        """Count rows of the same codes together; a no counts by ``looked``, a yes is one."""
        codes, which = distinct(rows.codes)
        yes, no = (
            np.bincount(which, rows.weight * each, len(codes)).astype(np.float64)
            for each in (happened, looked * ~happened)
        )
        return cls(codes, yes, no, int(happened.sum()), len(rows))

    def told(self) -> tuple[Codes, Flags, Numbers]:
        """Rows as a classifier takes them: columns, whether it happened, weights."""
        some, none = self.yes > 0, self.no > 0
        columns = columns_of(np.concatenate([self.codes[some], self.codes[none]]))
        happened = np.repeat([True, False], [some.sum(), none.sum()])
        return columns, happened, np.concatenate([self.yes[some], self.no[none]])


def fit_prices(fitting: Priced, held_out: Priced, looked: Looked, seed: int) -> Prices:
    """Fit the three classifiers.

    Args:
        fitting: listings that fit, by search and place.
        held_out: listings of other searches, that say when to stop.
        looked: how pages are read and what is wanted.
        seed: of the trees.
    """
    supposed = {
        "click": (SUPPOSED_RATE, 0.0),
        "request": (SUPPOSED_RATE, SUPPOSED_COUNT),
        "acceptance": (SUPPOSED_ACCEPTED, SUPPOSED_REQUESTS),
    }
    kept, tested = _trials(fitting, looked), _trials(held_out, looked)
    estimators = {name: _fit(kept[name], tested[name], seed) for name in CHANCES}
    rates = {name: _rate(kept[name], *supposed[name]) for name in CHANCES}
    forests = {
        name: one_rate(rates[name]) if estimators[name] is None else flatten(estimators[name])
        for name in CHANCES
    }
    return Prices(
        ChanceForests(**forests),
        {name: fitted for name, fitted in estimators.items() if fitted is not None},
        {name: _said(kept[name], rates[name], estimators[name]) for name in CHANCES},
    )


def prices_of(dataset: Dataset, fitted: Fitted, seed: int) -> Prices:
    """Fit the classifiers to a log beside a ranker: the same searches fit, and are held out."""
    query, teach = dataset.priced.query, ~dataset.judges
    held_out = np.zeros(len(teach), bool)
    held_out[fitted.parts.calibrating.query] = True
    fitting, told = (dataset.priced.take(each[query]) for each in (teach & ~held_out, held_out))
    return fit_prices(fitting, told, fitted.looked, seed)


def one_rate(rate: float) -> FlatForest:
    """A forest without a question: everything happens at one rate."""
    odds = round(float(np.log(rate / (1 - rate))) * SCALE)
    whole = np.zeros(1, np.int32)
    return FlatForest(
        feature=np.array([LEAF], np.int16),
        threshold=np.zeros(1, np.uint8),
        left=whole,
        right=whole,
        value=whole,
        root=whole,
        group=np.zeros(1, np.uint8),
        baseline=np.array([odds], np.int32),
    )


def _trials(rows: Priced, looked: Looked) -> dict[str, Trials]:
    asked = rows.take(rows.clicked & rows.could_ask)
    settled = rows.take(rows.requested & rows.settled)
    return {
        "click": Trials.of(rows, rows.clicked, _looks(rows, looked)),
        "request": Trials.of(asked, asked.requested, np.ones(len(asked))),
        "acceptance": Trials.of(settled, settled.accepted, np.ones(len(settled))),
    }


def _looks(rows: Priced, looked: Looked) -> Numbers:
    """P(looked at | clicks above, no click of its own) of each row, shape (n,)."""
    pages = Pages.of(rows)
    codes, which = distinct(rows.codes)
    wanted = np.minimum(looked.growing.rates(codes), MOST_WANTED)[which]
    come = pages.gather(looked.reading.chances(pages, pages.spread(wanted)))
    silent: Numbers = np.round(come * (1 - wanted) / (1 - come * wanted), 6)
    return silent


def _fit(fitting: Trials, held_out: Trials, seed: int) -> Any:
    """Fit a classifier, None where too little happened. One thread, as ``fit_rates``."""
    few = min(fitting.happened, fitting.listings - fitting.happened) < LEAST_OF_EACH
    tested, happened, weight = held_out.told()
    if few or happened.all() or not happened.any():
        return None
    columns, known, counted = fitting.told()
    with threadpool_limits(1):
        return classifier(TREES, len(columns), seed).fit(
            columns, known, counted, X_val=tested, y_val=happened, sample_weight_val=weight
        )


def _rate(trials: Trials, supposed: float, count: float) -> float:
    yes, no = float(trials.yes.sum()), float(trials.no.sum())
    return (yes + supposed * count) / (yes + no + count)


def _said(trials: Trials, rate: float, estimator: Any) -> dict[str, object]:
    made_of = "one rate for all" if estimator is None else f"{estimator.n_iter_} trees"
    return {
        "made_of": made_of,
        "listings": trials.listings,
        "happened": trials.happened,
        "rate": round(rate, 6),
    }
