"""Whether learning finds what students want, by simulated students whose wishes are known.

The protocol is fixed in docs/learning.md. ``--quick`` runs one seed and leaves out what is only
reported. Runs share two processes; each follows from its own seed, so nothing depends on that.

    gap_closed          (ours - naive) / (full information - naive), in NDCG@10
    ece_over_base_rate  calibration error of P(request) over the share of listings asked for
    logloss_gain        what our chances gain over a constant, of what the true ones gain
    ope_*               off-policy intervals beside the truth (``_targets``)
    sponsor_drift       how far pay moved the organic order through retraining (``_sponsors``)

Only reported: the gap closed with 100 sessions a query, and by attention from swaps alone.
"""

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from itertools import product
from statistics import mean, median

import numpy as np
from numpy.typing import NDArray

from benchmarks._sponsors import sponsor_drift
from benchmarks._students import CLICK_GAIN, REQUEST_GAIN, Searches, World, draw_searches
from benchmarks._targets import Tried, try_targets
from matcher.forest import forest_sum
from matcher.learn.blending import Gained, fit_blend
from matcher.learn.calibrated import reliability
from matcher.learn.dataset import Examples, Priced
from matcher.learn.evaluate import judge
from matcher.learn.fit import PARTS, Fitted, Parameters, Parts, fit_parts
from matcher.learn.prices import fit_prices
from matcher.learn.simulate_clicks import Examination, Habits
from matcher.learn.trees import raw_scores
from models.domain.matching import PAGE_SIZE
from models.domain.training import AttentionFrom

SEARCHES = 4_000
SESSIONS, MANY_SESSIONS = 10, 100
SEEDS = (1, 2, 3)
DRAWING = 20261122
# Where naive learning loses less than this, there is no gap to speak of.
LEAST_GAP = 0.04
# Runs at a time, one thread each.
PROCESSES = 2

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Run:
    """What one run found: NDCG@10 by known truth, calibration, off-policy estimates."""

    ours: float
    naive: float
    full: float
    ece_over_base: float
    logloss_gain: float
    tried: Sequence[Tried]
    by_swaps: float | None = None

    @property
    def gap_closed(self) -> float:
        """What share of what naive learning loses is found again."""
        return self.closed(self.ours)

    def closed(self, found: float) -> float:
        """What share an order with this NDCG@10 finds again."""
        return (found - self.naive) / (self.full - self.naive)


@dataclass(frozen=True)
class Task:
    """A run to make; ``swaps``: whether also with attention from swaps alone."""

    how: Examination
    seed: int
    sessions: int = SESSIONS
    swaps: bool = False


def main() -> None:
    """Run everything, print a table and the result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    print("All figures are of simulated students; on real clicks gains are smaller.")
    began, worked = time.perf_counter(), sum(os.times()[:4])
    searches = draw_searches(SEARCHES, DRAWING)
    seeds = SEEDS[:1] if quick else SEEDS
    tasks = [
        Task(how, seed, swaps=not quick and seed == SEEDS[0])
        for seed, how in product(seeds, Examination)
    ]
    many = [] if quick else [Task(how, SEEDS[0], MANY_SESSIONS) for how in Examination]
    with ProcessPoolExecutor(PROCESSES) as pool:
        drift = pool.submit(sponsor_drift, searches)
        # The longest first, or one process ends alone.
        runs = _run_all(pool, searches, [*many, *tasks])
        result = summed_up({how: [runs[t] for t in tasks if t.how is how] for how in Examination})
        result |= drift.result()
    result["gap_closed_100"] = {each.how: round(runs[each].gap_closed, 4) for each in many}
    result["gap_closed_by_swaps"] = {
        task.how: round(found.closed(found.by_swaps), 4)
        for task, found in runs.items()
        if found.by_swaps is not None
    }
    result["seconds"] = round(time.perf_counter() - began, 1)
    result["cpu_seconds"] = round(sum(os.times()[:4]) - worked, 1)
    result["simulated"] = True
    print("RESULT", json.dumps(result))


def _run_all(pool: Executor, searches: Searches, tasks: Sequence[Task]) -> dict[Task, Run]:
    """Make all runs; say each as it ends, and what remains."""
    began, left = time.perf_counter(), len(tasks)
    waiting = {pool.submit(run, searches, task): task for task in tasks}
    found = {}
    for done in as_completed(waiting):
        task, each = waiting[done], done.result()
        found[task], left = each, left - 1
        minutes = (time.perf_counter() - began) / 60
        remains = minutes / (len(tasks) - left) * left
        print(
            f"{task.how:9} seed {task.seed} {task.sessions:4} sessions: ours {each.ours:.4f} "
            f"naive {each.naive:.4f} full {each.full:.4f} closed {each.gap_closed:.3f} "
            f"ECE/base {each.ece_over_base:.3f} log loss {each.logloss_gain:.2f} "
            f"({minutes:.0f} min, about {remains:.0f} more)",
            flush=True,
        )
    return found


def run(searches: Searches, task: Task) -> Run:
    """Learn from some searches and be judged on the others."""
    how, seed, sessions = task.how, task.seed, task.sessions
    chance = np.random.default_rng([seed, sessions])
    world, habits = World.of(searches, chance), Habits(how)
    mixed = chance.permutation(len(searches.first))
    learning, judging = np.split(mixed, 2)
    # Fewer searches when each is made more often: as many sessions can be fitted.
    learning = learning[: len(learning) * 2 * SESSIONS // max(sessions, 2 * SESSIONS)]
    logged, rows = world.visit(chance, learning, sessions, habits)
    later, stood = world.visit(chance, judging, 1, habits)
    drawn = chance.permutation(len(learning)) < len(learning) // PARTS
    calibrating = np.repeat(drawn, sessions * PAGE_SIZE)
    parts = Parts(logged.take(~calibrating), logged.take(calibrating), later)
    parameters = Parameters(CLICK_GAIN, REQUEST_GAIN, seed=seed)
    ours = fit_parts(parts, parameters)
    everything = np.isin(searches.query, judging)
    codes, query = searches.codes[everything], searches.query[everything]
    shown = np.unique(rows[~calibrating]), np.unique(rows[calibrating])
    orders = {
        "ours": forest_sum(ours.forest, codes).astype(np.float64),
        "naive": raw_scores(_naive(ours, parameters), codes),
        "full": raw_scores(_full(world, shown, parameters), codes),
    }
    if task.swaps:
        by_swaps = fit_parts(parts, replace(parameters, attention_from=AttentionFrom.SWAPS))
        orders["by_swaps"] = forest_sum(by_swaps.forest, codes).astype(np.float64)
    judged = judge(query, world.gain[everything], orders)
    ece, gained = _calibration(world, (ours, stood), habits, seed)
    return Run(
        **{name: judged.ndcg(name) for name in orders},
        ece_over_base=ece,
        logloss_gain=gained,
        tried=try_targets(world, ours, judging, habits, chance),
    )


def _naive(ours: Fitted, parameters: Parameters) -> object:
    """The same learner, told that everything on the screen was looked at."""
    both = (ours.parts.fitting, ours.parts.calibrating)
    gains = [CLICK_GAIN * e.clicked + REQUEST_GAIN * e.requested for e in both]
    told = [
        Gained(e, g, np.ones(len(e)), np.ones(len(e))) for e, g in zip(both, gains, strict=True)
    ]
    return fit_blend(told[0], told[1], parameters.trees, parameters.seed).estimator


def _full(
    world: World, shown: tuple[NDArray[np.int64], NDArray[np.int64]], parameters: Parameters
) -> object:
    """The same learner, told the true gain of every listing that was shown."""
    told = [
        Gained(_listings(world, rows), world.gain[rows], *(np.ones(len(rows)),) * 2)
        for rows in shown
    ]
    return fit_blend(told[0], told[1], parameters.trees, parameters.seed).estimator


def _listings(world: World, rows: NDArray[np.int64]) -> Examples:
    """Listings as examples of which nothing but codes and search is known."""
    count, no = len(rows), np.zeros(len(rows), bool)
    whole = np.ones(count, np.int32)
    return Examples(
        world.searches.codes[rows], world.searches.query[rows], whole.astype(np.int16),
        np.ones(count), whole, no, no, no, whole.astype(np.int64), np.zeros(count, "U5"), no,
    )  # fmt: skip


def _calibration(
    world: World,
    learned: tuple[Fitted, NDArray[np.int64]],
    habits: Habits,
    seed: int,
) -> tuple[float, float]:
    """ECE over the base rate, and the share of the possible gain in log loss."""
    ours, stood = learned
    later = ours.parts.judging
    fitting, held_out = (_priced(each) for each in (ours.parts.fitting, ours.parts.calibrating))
    prices = fit_prices(fitting, held_out, ours.looked, seed)
    said = prices.forests.chances(later.codes).asked * ours.looked.beforehand(later)
    found = reliability(later.query, said, later.requested, 1)
    pages = stood.reshape(-1, PAGE_SIZE)
    true = world.expected(pages, habits).asked.ravel()
    best = reliability(later.query, true, later.requested, 1)
    if found is None or best is None:
        raise RuntimeError("nobody asked for anything")
    possible = best.log_loss_constant - best.log_loss
    return found.ece / found.base, (found.log_loss_constant - found.log_loss) / possible


def _priced(examples: Examples) -> Priced:
    """The same listings as prices are made from: here nobody pays, and no school has answered."""
    no = np.zeros(len(examples), bool)
    return Priced(
        examples.codes, examples.query, examples.bucket, examples.clicked, examples.requested,
        examples.could_ask, examples.weight, sponsored=no, accepted=no, settled=no,
    )  # fmt: skip


def summed_up(runs: Mapping[Examination, Sequence[Run]]) -> dict[str, object]:
    """The worst click model of each figure, seeds averaged."""
    gaps = {how: mean(r.full - r.naive for r in each) for how, each in runs.items()}
    closed = {how: mean(r.gap_closed for r in each) for how, each in runs.items()}
    judged = [how for how in runs if gaps[how] >= LEAST_GAP]
    worst = min(judged, key=lambda how: closed[how])
    tried = [one for each in runs.values() for r in each for one in r.tried]
    answered = [one for one in tried if not one.refused]
    return {
        "gap_closed_worst": round(closed[worst], 4),
        "full_minus_naive": round(gaps[worst], 4),
        "worst": str(worst),
        "gap_closed": {str(how): round(value, 4) for how, value in closed.items()},
        "gaps": {str(how): round(value, 4) for how, value in gaps.items()},
        "ece_over_base_rate": round(
            max(mean(r.ece_over_base for r in each) for each in runs.values()), 4
        ),
        "logloss_gain": round(min(mean(r.logloss_gain for r in each) for each in runs.values()), 4),
        "ope_coverage": round(mean(hit for one in answered for hit in one.covered), 4),
        "ope_refused": round(mean(one.refused for one in tried), 4),
        "ope_half_width": round(median(width for one in answered for width in one.widths), 4),
        "ope_cases": len(tried),
        "ope_by_case": _by_case(tried),
    }


def _by_case(tried: Sequence[Tried]) -> dict[str, object]:
    """Of each order and kind of log what was refused, covered and how wide intervals are."""
    cases: dict[str, list[Tried]] = {}
    for one in tried:
        cases.setdefault(one.name, []).append(one)
    told: dict[str, object] = {}
    for name, each in cases.items():
        answered = [one for one in each if not one.refused]
        row = {"refused": round(mean(one.refused for one in each), 3)}
        if answered:
            row["coverage"] = round(mean(hit for one in answered for hit in one.covered), 3)
            row["half_width"] = round(median(w for one in answered for w in one.widths), 3)
        told[name] = row
    return told


if __name__ == "__main__":
    main()
