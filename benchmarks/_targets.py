"""Off-policy estimates beside the truth: orders that were hardly served, and what they would earn.

Six cases a run, each estimated from ``LOGS`` logs. Three orders: the plain one, the one in which
neighbours change places where the new ranker says so, and the new ranker's whole. Two kinds of
logs: with the shipped share of exploration, and with half of the slates explored. The truth is what
the order earns by the known chances of every listing, not by students drawn again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from benchmarks._students import CLICK_GAIN, EXPLORED, REQUEST_GAIN, World
from matcher.forest import SCALE, forest_sum
from matcher.learn.fit import Fitted
from matcher.learn.offpolicy import Decisions, estimate
from matcher.learn.simulate_clicks import Habits
from models.domain.matching import PAGE_SIZE

SESSIONS, LOGS = 2, 10
OFTEN_EXPLORED = 0.5

Numbers = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Tried:
    """What estimates said of one order; of each estimator whether it held the truth, how wide."""

    name: str
    refused: bool
    covered: Sequence[bool]
    widths: Sequence[float]


def try_targets(
    world: World, ours: Fitted, searches: Rows, habits: Habits, chance: np.random.Generator
) -> list[Tried]:
    """Estimate every case."""
    plain = world.searches.shown(searches)
    scores = forest_sum(ours.forest, world.searches.codes[plain.ravel()]).reshape(plain.shape)
    orders = {
        "plain": np.tile(np.arange(PAGE_SIZE), (len(plain), 1)),
        "neighbours": _neighbours(scores),
        "whole": np.argsort(-scores, axis=1, kind="stable"),
    }
    truth = {
        name: world.earned(np.take_along_axis(plain, order, 1), habits)
        for name, order in orders.items()
    }
    cases = product((EXPLORED, OFTEN_EXPLORED), orders, range(LOGS))
    return [
        _try(
            name, world, ours, searches, (orders[name], scores), truth[name], habits, share, chance
        )
        for share, name, _ in cases
    ]


def _neighbours(scores: NDArray[np.int32]) -> Rows:
    """The plain order, where the second of each two places is scored higher turned around."""
    order = np.tile(np.arange(PAGE_SIZE), (len(scores), 1))
    turned = scores[:, 1::2] > scores[:, ::2]
    order[:, ::2] += turned
    order[:, 1::2] -= turned
    return order


def _try(  # noqa: PLR0913, PLR0917 - a case in full
    name: str,
    world: World,
    ours: Fitted,
    searches: Rows,
    target: tuple[Rows, NDArray[np.int32]],
    truth: float,
    habits: Habits,
    share: float,
    chance: np.random.Generator,
) -> Tried:
    log, _ = world.visit(chance, searches, SESSIONS, habits, share)
    order, scores = np.repeat(target[0], SESSIONS, axis=0), np.repeat(target[1], SESSIONS, axis=0)
    gains = CLICK_GAIN * log.clicked + REQUEST_GAIN * log.requested
    looked = ours.attention[log.bucket].reshape(order.shape)
    stood = log.plain.reshape(order.shape).astype(np.int64) - 1
    rates = np.exp(np.clip((scores - scores.max()) / SCALE, -30, 0))
    here, there = (np.take_along_axis(rates, at, 1) * looked for at in (stood, order))
    level = gains.sum() / here.sum()
    found = estimate(
        Decisions(
            cluster=log.query,
            rewards=gains.astype(np.float64),
            logged=log.propensity,
            target=(stood == order).ravel().astype(np.float64),
            guessed=level * here.ravel(),
            guessed_target=level * there.ravel(),
        )
    )
    each = found.estimates.values()
    return Tried(
        f"{name} {share}",
        found.refused is not None,
        [one.low <= truth <= one.high for one in each],
        [(one.high - one.low) / 2 / truth for one in each],
    )
