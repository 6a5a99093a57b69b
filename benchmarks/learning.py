"""Whether learning finds what students want, by simulated students whose wishes are known.

The protocol is fixed in docs/learning.md. ``--quick`` runs one seed and leaves out what is only
reported.

    gap_closed          (ours - naive) / (full information - naive), in NDCG@10
    ece_over_base_rate  calibration error of P(request) over the share of listings asked for
    logloss_gain        what our chances gain over a constant, of what the true ones gain
    ope_*               off-policy intervals beside the truth (``_targets``)
    sponsor_drift       how far pay moved the organic order through retraining (``_sponsors``)
"""

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

SEARCHES = 4_000
SESSIONS, MANY_SESSIONS = 10, 100
SEEDS = (1, 2, 3)
DRAWING = 20261122
# Where naive learning loses less than this, there is no gap to speak of.
LEAST_GAP = 0.04
# Students who read each page again, to know the true chance of a request.
TRUE_SESSIONS = 600

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Run:
    """What one run found: NDCG@10 by known truth, calibration, off-policy estimates."""

    ours: float
    naive: float
    full: float
    attention: Sequence[float]
    ece_over_base: float
    logloss_gain: float
    tried: Sequence[Tried]

    @property
    def gap_closed(self) -> float:
        """What share of what naive learning loses is found again."""
        return (self.ours - self.naive) / (self.full - self.naive)


def main() -> None:
    """Run everything, print a table and the result."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    print("All figures are of simulated students; on real clicks gains are smaller.")
    began, worked = time.perf_counter(), time.process_time()
    searches = draw_searches(SEARCHES, DRAWING)
    seeds = SEEDS[:1] if quick else SEEDS
    runs = {how: [run(searches, how, seed) for seed in seeds] for how in Examination}
    result = summed_up(runs) | sponsor_drift(searches)
    if not quick:
        many = [run(searches, how, SEEDS[0], MANY_SESSIONS) for how in Examination]
        result["gap_closed_100"] = [round(each.gap_closed, 4) for each in many]
    result["seconds"] = round(time.perf_counter() - began, 1)
    result["cpu_seconds"] = round(time.process_time() - worked, 1)
    result["simulated"] = True
    print("RESULT", json.dumps(result))


def run(searches: Searches, how: Examination, seed: int, sessions: int = SESSIONS) -> Run:
    """Learn from some searches and be judged on the others."""
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
    judged = judge(query, world.gain[everything], orders)
    ece, gained = _calibration(world, (ours, stood), habits, chance, seed)
    found = Run(
        **{name: judged.ndcg(name) for name in orders},
        attention=ours.attention[:20].tolist(),
        ece_over_base=ece,
        logloss_gain=gained,
        tried=try_targets(world, ours, judging, habits, chance),
    )
    print(
        f"{how:9} seed {seed} {sessions:4} sessions: ours {found.ours:.4f} naive {found.naive:.4f} "
        f"full {found.full:.4f} closed {found.gap_closed:.3f} ECE/base {ece:.3f} "
        f"log loss {gained:.2f} listwise {ours.blended.share}",
        flush=True,
    )
    return found


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
    chance: np.random.Generator,
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
    true = world.true_requests(chance, pages, habits, TRUE_SESSIONS).ravel()
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
    }


if __name__ == "__main__":
    main()
